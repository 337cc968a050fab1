import {
  BOUNDS,
  type History,
  type Operation,
  type Outcome,
  type Verb,
} from '../harness/history.ts';

export const OWNER = 'owner';
export const ACK: Outcome = { kind: 'ack' };
export const VALID: Outcome = { kind: 'valid', userId: OWNER, role: 'USER' };
export const AS_ADMIN: Outcome = { kind: 'valid', userId: OWNER, role: 'ADMIN' };
export const UNKNOWN: Outcome = { kind: 'unknown' };
export const REVOKED: Outcome = { kind: 'invalid', reason: 'revoked' };
export const EXPIRED: Outcome = { kind: 'invalid', reason: 'expired' };

const ABOUT_USERS: Verb[] = ['revokeAll', 'changePassword', 'setRole'];

/** The first ten seconds after the mending of this end at 25 s. */
export const FAULT = { start: 10_000, mending: 20_000, end: 20_000 };

/** A call that began at this instant and took 10 ms. */
export function op(
  at: number,
  verb: Verb,
  outcome: Outcome,
  rest: Partial<Operation> = {},
): Operation {
  return {
    verb,
    process: 0,
    session: ABOUT_USERS.includes(verb) ? null : 0,
    userId: OWNER,
    ttl: null,
    role: null,
    start: at,
    end: at + 10,
    took: 10,
    outcome,
    audit: false,
    ...rest,
  };
}

/** Owner's change of role, acknowledged 10 ms later unless told. */
export function setRole(at: number, role: string, outcome: Outcome = ACK): Operation {
  return op(at, 'setRole', outcome, { process: -1, role });
}

/** A user of role USER and a session of an hour, unless told, made at instant 0; then what happened. */
export function history(operations: readonly Operation[], rest: Partial<History> = {}): History {
  return {
    operations: [setRole(-10, 'USER'), op(0, 'create', ACK, { ttl: 3_600_000 }), ...operations],
    windows: [],
    allows: { lookups: 'all answered', confirms: false, writes: false },
    bounds: BOUNDS,
    processes: [],
    disagreements: [],
    ...rest,
  };
}
