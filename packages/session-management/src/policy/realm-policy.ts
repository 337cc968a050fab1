import type {
  IdleRule,
  LimitRule,
  SessionCopy,
  SessionLimit,
  SessionPolicies,
  SessionPolicy,
} from '../types/index.ts';
import { LIFETIMES } from './limits.ts';

const MINUTE = 60_000;

/** The policy of realm `web`, and of every realm that says nothing of its own. */
export const DEFAULT_POLICY: Readonly<SessionPolicy> = Object.freeze({
  absoluteMs: LIFETIMES.ABSOLUTE,
  idle: null,
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

/** A policy as somebody writes it down: what is not given is as elsewhere. In milliseconds. */
export interface PolicyGiven {
  absoluteMs?: number | undefined;
  idleMs?: number | undefined;
  updateAgeMs?: number | undefined;
  freshForMs?: number | undefined;
  limit?: SessionLimit | undefined;
}

/**
 * A policy from what is given, the rest from `base`. A default gives way where it does not fit.
 * Answers in words what contradicts itself.
 */
export function derivePolicy(
  given: PolicyGiven,
  base: SessionPolicy,
): { policy: SessionPolicy } | { contradiction: string } {
  const absoluteMs = given.absoluteMs ?? base.absoluteMs;
  const idle = idleOf(given, base.idle, absoluteMs);
  const freshForMs = given.freshForMs ?? Math.min(base.freshForMs, absoluteMs);
  if (freshForMs > absoluteMs) {
    return { contradiction: 'freshFor above absoluteTimeout: no session lives that long' };
  }
  if (idle === null && given.updateAgeMs !== undefined) {
    return { contradiction: 'updateAge without idleTimeout: no end moves' };
  }
  if (idle !== null && idle.timeoutMs > absoluteMs) {
    return { contradiction: 'idleTimeout above absoluteTimeout: no session lives that long' };
  }
  if (idle !== null && idle.updateAgeMs >= idle.timeoutMs) {
    return { contradiction: 'updateAge not below idleTimeout: a session in use would end' };
  }
  const limit = given.limit ?? base.limit;
  return { policy: Object.freeze({ absoluteMs, idle, freshForMs, limit }) };
}

/** The update age is a tenth of the timeout unless told. */
function idleOf(
  { idleMs, updateAgeMs }: PolicyGiven,
  base: IdleRule | null,
  absoluteMs: number,
): IdleRule | null {
  const timeoutMs = idleMs ?? (base && Math.min(base.timeoutMs, absoluteMs));
  if (timeoutMs === null) return null;
  const isBase = timeoutMs === base?.timeoutMs;
  const tenth = Math.max(1, Math.floor(timeoutMs / 10));
  const ofDefault = isBase ? base.updateAgeMs : tenth;
  return Object.freeze({ timeoutMs, updateAgeMs: updateAgeMs ?? ofDefault });
}

/**
 * Whether the user proved who they are recently enough, at the instant at which the record spoke.
 * The exact instant counts as too long ago.
 */
export function isFresh(session: SessionCopy, { freshForMs }: SessionPolicy): boolean {
  return session.confirmedAt - session.authenticatedAt < freshForMs;
}
