import type { CopyReading } from '../policy/read-order.ts';
import { sessionKey, userKey } from '../policy/session-id.ts';
import {
  type LiveSession,
  type SessionCopies,
  SessionStoreUnavailableError,
  type UserCopies,
} from '../types/index.ts';
import type { TrustedMasters } from './trusted-masters.ts';

/**
 * The two keys of a fast copy, read and written as one.
 *
 * One missing is a miss, one in error is an error; a session whose epoch is not its user's says
 * nothing, since the user's sessions may all have ended. What a master says that is not trusted,
 * or was not the same before and after, is an error.
 */
export class FastCopies {
  readonly sessions: SessionCopies;
  readonly users: UserCopies;
  readonly #masters: TrustedMasters;

  constructor(sessions: SessionCopies, users: UserCopies, masters: TrustedMasters) {
    this.sessions = sessions;
    this.users = users;
    this.#masters = masters;
  }

  /** @throws {SessionStoreUnavailableError} */
  async read(digest: string, realm: string): Promise<CopyReading> {
    const reading = await this.#trusted(sessionKey(digest, realm), () =>
      this.sessions.read(digest, realm),
    );
    if (reading.state !== 'hit') return reading;

    const { userId } = reading.session;
    const user = await this.#trusted(userKey(userId), () => this.users.read(userId));
    if (user === null || user.sessionEpoch !== reading.session.epoch) return { state: 'miss' };
    return { state: 'hit', live: { session: reading.session, user } };
  }

  async fill({ session, user }: LiveSession): Promise<void> {
    await Promise.all([this.sessions.put(session), this.users.put(user)]);
  }

  async #trusted<T>(key: string, read: () => Promise<T>): Promise<T> {
    const owner = this.#masters.ownerOf(key);
    if (owner === null) throw new SessionStoreUnavailableError('redis', 'trust');
    const answer = await read();
    if (this.#masters.ownerOf(key) !== owner) {
      throw new SessionStoreUnavailableError('redis', 'trust');
    }
    return answer;
  }
}
