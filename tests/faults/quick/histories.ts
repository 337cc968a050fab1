import {
  BOUNDS,
  type History,
  type Operation,
  type Outcome,
  type Verb,
} from '../harness/history.ts';

export const OWNER = 'owner';
export const ACK: Outcome = { kind: 'ack' };
export const VALID: Outcome = { kind: 'valid', userId: OWNER };
export const UNKNOWN: Outcome = { kind: 'unknown' };
export const REVOKED: Outcome = { kind: 'invalid', reason: 'revoked' };
export const EXPIRED: Outcome = { kind: 'invalid', reason: 'expired' };

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
    session: verb === 'revokeAll' || verb === 'changePassword' ? null : 0,
    userId: OWNER,
    ttl: null,
    start: at,
    end: at + 10,
    took: 10,
    outcome,
    audit: false,
    ...rest,
  };
}

/** A session of an hour, unless told, made at instant 0; then what happened. */
export function history(operations: readonly Operation[], rest: Partial<History> = {}): History {
  return {
    operations: [op(0, 'create', ACK, { ttl: 3_600_000 }), ...operations],
    windows: [],
    allows: { lookups: 'all answered', confirms: false, writes: false },
    bounds: BOUNDS,
    processes: [],
    disagreements: [],
    ...rest,
  };
}
