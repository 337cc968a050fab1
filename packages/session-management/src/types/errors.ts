/** Why this package threw. Codes are public API: renaming one is a breaking change. */
export const SESSION_ERROR_CODES = [
  'STORE_UNAVAILABLE',
  'RECORD_UNREADABLE',
  'TTL_INVALID',
  'SESSION_REVOKED',
  'SESSION_MANAGED',
  'IDENTITY_NOT_FRESH',
  'PROOF_OUTDATED',
  'SESSION_LIMIT_REACHED',
  'IMPERSONATION_REFUSED',
  'USER_NOT_FOUND',
  'EMAIL_TAKEN',
  'TOO_MANY_USERS',
  'LOGIN_THROTTLED',
  'MANAGER_CLOSED',
  'CONFIGURATION_INVALID',
  'ENVIRONMENT_REFUSED',
  'MIGRATION_FAILED',
] as const;

export type SessionErrorCode = (typeof SESSION_ERROR_CODES)[number];

/** Base of every error that this package throws on purpose. Messages carry no secret and are safe to log. */
export abstract class SessionError extends Error {
  abstract readonly code: SessionErrorCode;
}

/** Recognises our errors by code, because a bundler may load this module twice. */
export function isSessionError(error: unknown): error is SessionError {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return SESSION_ERROR_CODES.some((code) => code === error.code);
}

/** Whether an error is ours and has this code. */
export function hasCode(error: unknown, code: SessionErrorCode): boolean {
  return isSessionError(error) && error.code === code;
}

export type StoreName = 'postgres' | 'redis';

/**
 * No store could answer, or the one that must refused the command.
 *
 * Says nothing about the visitor: "ask again later", never "signed out". Answer 503 with
 * Retry-After and leave the cookie alone. The driver's own error, which may name hosts, is in `cause`.
 */
export class SessionStoreUnavailableError extends SessionError {
  override readonly name = 'SessionStoreUnavailableError';
  readonly code = 'STORE_UNAVAILABLE';
  readonly store: StoreName;
  readonly operation: string;

  constructor(store: StoreName, operation: string, cause?: unknown) {
    super(`${store} could not complete "${operation}"; nothing is known, try again`, { cause });
    this.store = store;
    this.operation = operation;
  }
}

/** A stored value is not what we wrote. Lookups treat it as a miss; other verbs throw it. */
export class RecordUnreadableError extends SessionError {
  override readonly name = 'RecordUnreadableError';
  readonly code = 'RECORD_UNREADABLE';

  constructor(what: string) {
    super(`${what} cannot be read: it is not in the form that this package writes`);
  }
}

/** A lifetime was not a whole number of seconds of at least 1. Thrown before anything is stored. */
export class TtlInvalidError extends SessionError {
  override readonly name = 'TtlInvalidError';
  readonly code = 'TTL_INVALID';

  constructor(got: unknown) {
    super(`ttl must be a whole number of seconds, at least 1; got ${describe(got)}`);
  }
}

/** `SessionAdapter.set` on a session that was deleted: what ended never returns. */
export class SessionRevokedError extends SessionError {
  override readonly name = 'SessionRevokedError';
  readonly code = 'SESSION_REVOKED';

  constructor() {
    super('this session has been deleted and cannot be set again; make a new sessionId');
  }
}

/** `SessionAdapter.set` or `extend` on a session that has a record: only the manager's verbs change it. */
export class SessionManagedError extends SessionError {
  override readonly name = 'SessionManagedError';
  readonly code = 'SESSION_MANAGED';

  constructor(operation: string) {
    super(
      `${operation} is for sessions that the adapter made itself; this one has a record, use the user manager`,
    );
  }
}

/**
 * The session lives, but its user proved who they are longer ago than the realm's `freshFor`.
 *
 * Ask for the password, call `confirmIdentity`, try again. Answer 403: nobody is signed out.
 */
export class IdentityNotFreshError extends SessionError {
  override readonly name = 'IdentityNotFreshError';
  readonly code = 'IDENTITY_NOT_FRESH';

  constructor() {
    super('the user must prove again who they are; check the password, then confirmIdentity');
  }
}

/**
 * The password that was verified is not the user's any more: it was changed meanwhile.
 *
 * Nothing was stored; set no cookie. Verify once more against the present hash (it may be a new hash of
 * the same password), and refuse as for a wrong password where it does not fit.
 */
export class ProofOutdatedError extends SessionError {
  override readonly name = 'ProofOutdatedError';
  readonly code = 'PROOF_OUTDATED';

  constructor() {
    super('the password was changed after it was verified; verify it against the present hash');
  }
}

/**
 * The user has as many live sessions as the realm allows, and its rule is `reject-new`.
 *
 * Nothing was stored; set no cookie. The user ends a session elsewhere, or waits until one expires.
 */
export class SessionLimitReachedError extends SessionError {
  override readonly name = 'SessionLimitReachedError';
  readonly code = 'SESSION_LIMIT_REACHED';

  constructor() {
    super('this user has as many sessions as the realm allows; end one first');
  }
}

/** A session was asked for a user who does not exist. */
export class UserNotFoundError extends SessionError {
  override readonly name = 'UserNotFoundError';
  readonly code = 'USER_NOT_FOUND';

  constructor() {
    super('there is no user with this id; create the user first');
  }
}

/** Another user has this address, in any case. */
export class EmailTakenError extends SessionError {
  override readonly name = 'EmailTakenError';
  readonly code = 'EMAIL_TAKEN';

  constructor() {
    super('another user already has this e-mail address; sign in, or use another address');
  }
}

/** `getAll` would return more users than its bound. */
export class TooManyUsersError extends SessionError {
  override readonly name = 'TooManyUsersError';
  readonly code = 'TOO_MANY_USERS';

  constructor(bound: number) {
    super(
      `there are more than ${bound} users; read them in pages with listUsers({ after, limit })`,
    );
  }
}

/** A verb was called on a manager after `close()` or `UserManagerFactory.clearCache()`. */
export class ManagerClosedError extends SessionError {
  override readonly name = 'ManagerClosedError';
  readonly code = 'MANAGER_CLOSED';

  constructor() {
    super('this user manager is closed; take a new one from UserManagerFactory.create()');
  }
}

/** An option or environment variable has a value that we do not take. Names it, what it got and what it takes. */
export class ConfigurationInvalidError extends SessionError {
  override readonly name = 'ConfigurationInvalidError';
  readonly code = 'CONFIGURATION_INVALID';
}

/** The environment is a deployment with a hole in it. Names each missing variable. */
export class EnvironmentRefusedError extends SessionError {
  override readonly name = 'EnvironmentRefusedError';
  readonly code = 'ENVIRONMENT_REFUSED';
}

/** A migration could not be applied; the database is as it was before that migration. */
export class MigrationFailedError extends SessionError {
  override readonly name = 'MigrationFailedError';
  readonly code = 'MIGRATION_FAILED';
}

function describe(got: unknown): string {
  return typeof got === 'number' ? String(got) : `a value of type ${typeof got}`;
}
