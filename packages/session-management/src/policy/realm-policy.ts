import type {
  BindingMode,
  ByRole,
  LimitRule,
  RealmPolicy,
  SessionCopy,
  SessionPolicies,
  SessionPolicy,
  UserRole,
} from '../types/index.ts';
import { LIFETIMES } from './limits.ts';

const MINUTE = 60_000;

/** The policy of realm `web`, and of every realm that says nothing of its own. */
export const DEFAULT_POLICY: Readonly<RealmPolicy> = Object.freeze({
  absoluteMs: LIFETIMES.ABSOLUTE,
  idle: null,
  remember: 'always',
  freshForMs: 15 * MINUTE,
  limit: null,
  binding: null,
  roles: Object.freeze({}),
});

export const DEFAULT_POLICIES: SessionPolicies = { standard: DEFAULT_POLICY, realms: {} };

export const BINDING_MODES = ['off', 'log', 'strict'] as const satisfies BindingMode[];

export const LIMIT_RULES = [
  'reject-new',
  'end-oldest',
  'end-least-recent',
] as const satisfies LimitRule[];

/** Names of realms go into keys and cookies. */
export const REALM_NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** A realm whose name is not in the table has the standard policy; `constructor` is no entry. */
export function policyOf({ realms, standard }: SessionPolicies, realm: string): RealmPolicy {
  return (Object.hasOwn(realms, realm) ? realms[realm] : undefined) ?? standard;
}

/** What is true of the sessions of a user who has this role. */
export function rulesOf(policy: RealmPolicy, role: UserRole): SessionPolicy {
  return policy.roles[role] ?? policy;
}

/** Something of the policy of each role that has one. */
export function byRole<T>({ roles }: RealmPolicy, of: (rules: SessionPolicy) => T): ByRole<T> {
  const told = [roles.USER && { USER: of(roles.USER) }, roles.ADMIN && { ADMIN: of(roles.ADMIN) }];
  return Object.assign({}, ...told);
}

/**
 * Whether the user proved who they are recently enough, at the instant at which the record spoke.
 * The exact instant counts as too long ago.
 */
export function isFresh(session: SessionCopy, { freshForMs }: SessionPolicy): boolean {
  return session.confirmedAt - session.authenticatedAt < freshForMs;
}
