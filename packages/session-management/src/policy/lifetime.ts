import type { SessionCopy } from '../types/index.ts';

/**
 * How long a copy may stay in a store, in whole milliseconds: what was left of the session when
 * the record last spoke, so that no clock but the record's is asked. 0 when nothing is left.
 */
export function timeToLive({ expiresAt, confirmedAt }: SessionCopy): number {
  return Math.max(0, Math.floor(expiresAt - confirmedAt));
}
