import type { SessionCopy } from '../types/index.ts';
import { LIMITS } from './limits.ts';

/** Between which instants, by PostgreSQL's clock, a copy may be answered without asking anybody. */
export interface CopySpan {
  /** Before it, the copy claims to be confirmed too far ahead. */
  from: number;
  /** From here on it is worth confirming while it is still good. */
  ahead: number;
  /** From here on it says nothing: expired, or confirmed longer ago than F. */
  until: number;
}

/** The part of F after which a copy is confirmed ahead, and how widely luck spreads that. */
const AHEAD = 2 / 3;
const SPREAD = 0.3;

/** @param luck - From 0 to 1: spreads what was confirmed together, so that it is not asked for together. */
export function spanOf(session: SessionCopy, F: number, luck: number): CopySpan {
  const { confirmedAt, expiresAt } = session;
  return {
    from: confirmedAt - LIMITS.FUTURE,
    ahead: confirmedAt + F * (AHEAD + SPREAD * luck),
    until: Math.min(expiresAt, confirmedAt + F),
  };
}
