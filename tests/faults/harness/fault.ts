import type { Allowance, Bounds } from './history.ts';
import type { Stage } from './stage.ts';
import type { StageOptions } from './stage-options.ts';

/** One way in which the world breaks, and what must hold meanwhile. */
export interface Fault {
  id: string;
  title: string;
  /** The promise that is put to the test, in one line. */
  promise: string;
  allows: Allowance;
  /** The one process that is excused, where only the run decides which. */
  onlyIn?: ((stage: Stage) => number) | undefined;
  /** It is played once with each; unless told, with the one that all faults share. */
  seeds?: readonly number[] | undefined;
  bounds?: Partial<Bounds> | undefined;
  options?: StageOptions | undefined;
  /** Of all clients together; 240 unless told. */
  callsPerSecond?: number | undefined;
  /** What it tries is not there without them. */
  needsNearCopies?: boolean | undefined;
  /** Who asks, where not the usual clients of all processes do. */
  load?: ((stage: Stage) => Running) | undefined;
  /** No load: only what the fault does by itself. */
  isQuiet?: boolean | undefined;
  /** How long it stays broken under load, in ms; 3 s unless told. */
  holdMs?: number | undefined;
  /** Why this machine cannot run it; `null` when it can. */
  lacks?: (() => string | null) | undefined;
  /** What must be in place before there is load: it breaks nothing. */
  prepare?: ((stage: Stage) => Promise<void>) | undefined;
  inject(stage: Stage): Promise<void>;
  heal(stage: Stage): Promise<void>;
}

/** Clients that ask until they are told to stop. */
export interface Running {
  /** Resolves once every call is answered. */
  stop(): Promise<void>;
}

/** Nothing may be missing. */
export const UNHARMED: Allowance = { lookups: 'all answered', confirms: false, writes: false };
/** What PostgreSQL alone can say is missing. */
export const NO_RECORD: Allowance = { lookups: 'cold', confirms: true, writes: true };
/** Nothing can be answered. */
export const NOTHING: Allowance = { lookups: 'none answered', confirms: true, writes: true };
/** Whatever was asked of a process that is gone. */
export const ANYTHING: Allowance = { lookups: 'any', confirms: true, writes: true };
