import type { CopyReading } from '../policy/read-order.ts';
import type { LiveSession, SessionCopies, UserCopies } from '../types/index.ts';

/**
 * The two keys of a fast copy, read and written as one.
 *
 * One missing is a miss, one in error is an error; a session whose epoch is not its user's says
 * nothing, since the user's sessions may all have ended.
 */
export class FastCopies {
  readonly sessions: SessionCopies;
  readonly users: UserCopies;

  constructor(sessions: SessionCopies, users: UserCopies) {
    this.sessions = sessions;
    this.users = users;
  }

  /** @throws {SessionStoreUnavailableError} */
  async read(digest: string, realm: string): Promise<CopyReading> {
    const reading = await this.sessions.read(digest, realm);
    if (reading.state !== 'hit') return reading;

    const user = await this.users.read(reading.session.userId);
    if (user === null || user.sessionEpoch !== reading.session.epoch) return { state: 'miss' };
    return { state: 'hit', live: { session: reading.session, user } };
  }

  async fill({ session, user }: LiveSession): Promise<void> {
    await Promise.all([this.sessions.put(session), this.users.put(user)]);
  }
}
