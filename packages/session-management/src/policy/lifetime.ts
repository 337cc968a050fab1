import type { SessionCopy } from '../types/index.ts';
import { LIMITS } from './limits.ts';

/**
 * How long a copy may stay in a store, in whole milliseconds: what was left of the session when
 * the record last spoke, so that no clock but the record's is asked. 0 when nothing is left.
 *
 * One in its grace stays for W: it counts no longer than its grace, and by its version keeps out
 * whatever was read before the rotation and comes late.
 */
export function timeToLive({ expiresAt, confirmedAt, inGrace }: SessionCopy): number {
  const left = Math.max(0, Math.floor(expiresAt - confirmedAt));
  return inGrace && left > 0 ? LIMITS.W : left;
}
