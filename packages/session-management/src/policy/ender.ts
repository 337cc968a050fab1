import type { Ender, EndReason } from '../types/index.ts';

/** What no person asked for. */
const RULES: ReadonlySet<EndReason> = new Set<EndReason>([
  'limit',
  'password-changed',
  'user-deleted',
]);

/** Who ended sessions of this user. An actor who is the user is no administrator. */
export function enderOf(userId: string, reason: EndReason, actor?: string): Ender {
  if (actor !== undefined && actor !== userId) return { by: 'administrator', actor };
  return { by: RULES.has(reason) ? 'system' : 'user' };
}
