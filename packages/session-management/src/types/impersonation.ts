import { SessionError } from './errors.ts';
import type { LiveSession, NewSession } from './records.ts';

/**
 * Nobody may sign in so: the actor's session does not live, is no administrator's or was opened by
 * another itself, or the user is an administrator. Nothing was stored; set no cookie.
 */
export class ImpersonationRefusedError extends SessionError {
  override readonly name = 'ImpersonationRefusedError';
  readonly code = 'IMPERSONATION_REFUSED';

  constructor() {
    super('only the live session of an administrator signs in as a user who is none');
  }
}

/** A session to be opened in the place of a user. */
export interface NewImpersonation
  extends Pick<
    NewSession,
    'digest' | 'handle' | 'userId' | 'realm' | 'ttlMs' | 'ip' | 'userAgent'
  > {
  /** Of the administrator's own session, in the same realm. */
  actorDigest: string;
}

/**
 * Opens sessions in the place of a user. They end with the actor's session, whatever ends or
 * shortens it, and with the administrator's role. Throws `SessionStoreUnavailableError`.
 */
export interface Impersonations {
  /**
   * Idempotent by digest. Never outlives the actor's session.
   * @throws {UserNotFoundError}
   * @throws {ImpersonationRefusedError}
   */
  open(session: NewImpersonation): Promise<LiveSession>;
}
