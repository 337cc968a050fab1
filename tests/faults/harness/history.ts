/** What the driver can ask of an application process; `setRole` it does itself, as in psql. */
export type Verb =
  | 'validate'
  | 'confirm'
  | 'create'
  | 'delete'
  | 'extend'
  | 'revokeAll'
  | 'revokeOthers'
  | 'changePassword'
  | 'setRole';

/** What came back. `unknown`: the store could not say; `error`: anything that no promise speaks of. */
export type Outcome =
  | { kind: 'valid'; userId: string; role: string }
  | { kind: 'invalid'; reason: string }
  | { kind: 'unknown' }
  | { kind: 'ack' }
  | { kind: 'error'; code: string };

/**
 * One call. Instants are the driver's monotonic clock in ms; `took` is the call's time in its own
 * process; the driver's own have the number -1. Sessions are named by their place in the list of all that were issued, never by token.
 */
export interface Operation {
  verb: Verb;
  process: number;
  /** `null` for verbs about a user, and for a `create` that issued nothing; of `revokeOthers` the one that is kept. */
  session: number | null;
  userId: string;
  /** Of `create` and `extend`, in ms. */
  ttl: number | null;
  /** Of `setRole`. */
  role: string | null;
  start: number;
  end: number;
  took: number;
  outcome: Outcome;
  /** Asked after everything had healed: the final count. */
  audit: boolean;
}

/** When something was broken: from the first blow, over the beginning of the mending, to its end. */
export interface FaultWindow {
  start: number;
  mending: number;
  end: number;
}

/**
 * What may stay unanswered while the fault lasts.
 *
 * `cold`: lookups of sessions that no copy can be known of. `any`: some, whichever. `none
 * answered`: all, and nobody may be accepted.
 */
export interface Allowance {
  lookups: 'all answered' | 'cold' | 'any' | 'none answered';
  confirms: boolean;
  writes: boolean;
  /** Excuses no other process than this one. */
  onlyIn?: number | undefined;
}

/** How late the truth may arrive, in ms. */
export interface Bounds {
  /** While all is well. */
  health: number;
  /** From the start of a fault to the end of its recovery. */
  fault: number;
  /** After the mending. */
  recovery: number;
  /** Of one lookup. */
  deadline: number;
  /** Of 99 lookups in 100 while the fault lasts. */
  p99: number;
  /** How far the clocks of the stores may differ. */
  clocks: number;
}

/** What one process said about itself at the end. */
export interface ProcessReport {
  name: string;
  faults: readonly string[];
  /** Ended though nobody ended it. */
  crashed: boolean;
  sockets: { before: number; after: number; allowed: number };
  /** How many issued tokens stand in its output. */
  tokensInOutput: number;
}

export interface History {
  operations: readonly Operation[];
  windows: readonly FaultWindow[];
  allows: Allowance;
  bounds: Bounds;
  processes: readonly ProcessReport[];
  /** Disagreements between the two stores, found by reading both. */
  disagreements: readonly string[];
}

/** Which promise a rule holds is told in docs/operations.md. */
export type Rule =
  | 'S-1'
  | 'S-2'
  | 'S-3'
  | 'S-4'
  | 'S-5'
  | 'A-1'
  | 'A-2'
  | 'D-1'
  | 'U-1'
  | 'L-1'
  | 'P-1'
  | 'P-2'
  | 'X-1';

/** A promise that was broken, by the rule that saw it. */
export interface Violation {
  rule: Rule;
  what: string;
  /** Whose history is the evidence. */
  session?: number | null;
  /** It may be for want of time alone: on a machine that is slow or busy nobody else is to blame. */
  late?: true;
}

export const BOUNDS: Bounds = {
  health: 1_000,
  fault: 30_000,
  recovery: 5_000,
  deadline: 800,
  p99: Number.POSITIVE_INFINITY,
  clocks: 1_000,
};
