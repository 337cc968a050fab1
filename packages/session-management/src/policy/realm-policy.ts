import type { LimitRule, SessionCopy, SessionPolicies, SessionPolicy } from '../types/index.ts';
import { LIFETIMES } from './limits.ts';

const MINUTE = 60_000;

/** The policy of realm `web`, and of every realm that says nothing of its own. */
export const DEFAULT_POLICY: Readonly<SessionPolicy> = Object.freeze({
  absoluteMs: LIFETIMES.ABSOLUTE,
  idle: null,
  remember: 'always',
  freshForMs: 15 * MINUTE,
  limit: null,
});

export const DEFAULT_POLICIES: SessionPolicies = { standard: DEFAULT_POLICY, realms: {} };

export const LIMIT_RULES = [
  'reject-new',
  'end-oldest',
  'end-least-recent',
] as const satisfies LimitRule[];

/** Names of realms go into keys and cookies. */
export const REALM_NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** A realm whose name is not in the table has the standard policy; `constructor` is no entry. */
export function policyOf({ realms, standard }: SessionPolicies, realm: string): SessionPolicy {
  return (Object.hasOwn(realms, realm) ? realms[realm] : undefined) ?? standard;
}

/**
 * Whether the user proved who they are recently enough, at the instant at which the record spoke.
 * The exact instant counts as too long ago.
 */
export function isFresh(session: SessionCopy, { freshForMs }: SessionPolicy): boolean {
  return session.confirmedAt - session.authenticatedAt < freshForMs;
}
