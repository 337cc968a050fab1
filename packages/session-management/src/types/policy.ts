import type { UserRole } from '@repo/exchange-core';

/**
 * What a log-in does at the limit: it is refused, or it ends the session that was opened first, or
 * the one that was used longest ago (`lastSeenAt`, true within 60 s).
 */
export type LimitRule = 'reject-new' | 'end-oldest' | 'end-least-recent';

/** How many live sessions a user may have in one realm. */
export interface SessionLimit {
  /** At least 1. */
  most: number;
  rule: LimitRule;
}

/** How a session ends that nobody uses, and how its use is written down. In milliseconds. */
export interface IdleRule {
  /** A session that was not used for so long has ended. */
  timeoutMs: number;
  /** Use moves the end at most once in this time: a session may end so much too early, never too late. */
  updateAgeMs: number;
}

/** Two lifetimes of a log-in, among which its visitor chooses. In milliseconds. */
export interface RememberChoice {
  /** Not remembered: the cookie goes with the browser, and the session at the latest after so long. */
  shortMs: number;
  /** Remembered: the cookie stays so long. */
  longMs: number;
}

/** Whether the cookie outlives the browser: always, as long as the session may live; never; or as the visitor chooses. */
export type RememberRule = 'always' | 'never' | RememberChoice;

/** What a request from elsewhere than the log-in's does: nothing, an event, or an event and a refusal. */
export type BindingMode = 'off' | 'log' | 'strict';

/** What a realm holds against the log-in: the client's network, and browser and system by name. */
export interface SessionBinding {
  address: BindingMode;
  agent: BindingMode;
}

/** What is true of one realm's sessions. Durations in milliseconds. */
export interface SessionPolicy {
  /** How long a session may live at most, however often it is extended or used. */
  absoluteMs: number;
  /** `null`: a session ends at its fixed time, used or not. */
  idle: IdleRule | null;
  remember: RememberRule;
  /** How long a proof of identity counts for what asks for a fresh one. */
  freshForMs: number;
  /** `null`: any number. */
  limit: SessionLimit | null;
  /** `null`: nothing is compared. */
  binding: SessionBinding | null;
}

/** What goes by the user's role. A role that is not there has nothing of its own. */
export type ByRole<T> = Readonly<Partial<Record<UserRole, T>>>;

/** What is true of one realm's sessions, and of those of users whose role has rules of its own. */
export interface RealmPolicy extends SessionPolicy {
  /** Each whole: it takes the place of all the rest for users who have the role now. */
  roles: ByRole<SessionPolicy>;
}

/** The policy of every realm: its own, or the one of those that have none. */
export interface SessionPolicies {
  standard: RealmPolicy;
  realms: Readonly<Record<string, RealmPolicy>>;
}

/** A policy that is there by name. `strict`: within NIST SP 800-63B-4 AAL2 and OWASP ASVS 5. */
export type PresetName = 'strict';

/** A policy as an option. What is not given is as in the preset, else as in the policy around it. */
export interface PolicyConfiguration {
  /** What the rest is measured from; the values stand in docs/security.md. */
  preset?: PresetName | undefined;
  /** How long a session may live at most: seconds, or such as `"12h"`; the option `absoluteTimeout` unless told. */
  absoluteTimeout?: number | string | undefined;
  /** After how long without use a session ends: seconds, or such as `"30m"`; never unless told. At most `absoluteTimeout`. */
  idleTimeout?: number | string | undefined;
  /** How often, at most, use is written down: seconds, or such as `"1m"`, less than `idleTimeout`; a tenth of it unless told. */
  updateAge?: number | string | undefined;
  /**
   * Whether the cookie outlives the browser; `true` unless told. `{ short, long }` leaves it to the
   * visitor, each seconds or such as `"12h"`; `short` is less than `long`, `long` at most `absoluteTimeout`.
   */
  rememberMe?: boolean | { short: number | string; long: number | string } | undefined;
  /** How long a proof of identity stays fresh: seconds, or such as `"5m"`; 15 minutes unless told, at most `absoluteTimeout`. */
  freshFor?: number | string | undefined;
  /** How many live sessions a user may have: 1 to 10 000; any number unless told. */
  maxSessions?: number | undefined;
  /** What a log-in does at `maxSessions`; `'end-oldest'` unless told. */
  atLimit?: LimitRule | undefined;
  /** What a request from another network does; `'off'` unless told. */
  bindAddress?: BindingMode | undefined;
  /** What a request of another browser or system does; `'off'` unless told. */
  bindAgent?: BindingMode | undefined;
}

/** One realm's policy as an option. What is not given is as in its preset, else as in realm `web` by default. */
export interface RealmConfiguration extends PolicyConfiguration {
  /** What differs for users with a role, such as `{ ADMIN: { idleTimeout: '15m' } }`. */
  roles?: ByRole<PolicyConfiguration> | undefined;
}
