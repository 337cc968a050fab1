import { FINAL } from '../policy/copy-order.ts';
import { LIMITS } from '../policy/limits.ts';
import { userKey } from '../policy/session-id.ts';
import {
  decodeUser,
  encodeUser,
  encodeUserTombstone,
  isUserTombstone,
} from '../policy/session-record.ts';
import type { RedisClient, UserCopies, UserCopy } from '../types/index.ts';
import {
  attempt,
  BURY_USER,
  DISCARD,
  getText,
  isRefusal,
  runScript,
  WRITE_COPY,
} from './redis-script.ts';

/** Copies of users in Redis, one JSON value under `user:{id}`, each living W. */
export class RedisUserAdapter implements UserCopies {
  readonly #client: RedisClient;

  /** @param client - A connected client of `redis` or `@redis/client`; the caller closes it. */
  constructor(client: RedisClient) {
    this.#client = client;
  }

  async read(userId: string): Promise<UserCopy | null> {
    const key = userKey(userId);
    const text = await getText(this.#client, 'read-user', key);
    if (text === null) return null;
    const copy = decodeUser(text, userId);
    if (copy !== null || isUserTombstone(text)) return copy;
    await attempt('read-user', () => runScript(this.#client, DISCARD, key, [text]));
    return null;
  }

  async put(copy: UserCopy): Promise<void> {
    const { confirmedAt, user, version } = copy;
    const rank = [String(version), String(confirmedAt)];
    const args = [encodeUser(copy), String(LIMITS.W), ...rank, 'put'];
    await attempt('put-user', () => runScript(this.#client, WRITE_COPY, userKey(user.id), args));
  }

  /** Where Redis refuses the tombstone, and only there, the copy is taken away: see `RedisSessionAdapter`. */
  async end(userId: string, version: number): Promise<void> {
    const key = userKey(userId);
    const text = encodeUserTombstone(version);
    const args = [text, String(LIMITS.W), String(version), String(FINAL), 'put'];
    await attempt('end-user', async () => {
      try {
        await runScript(this.#client, BURY_USER, key, args);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        await this.#client.sendCommand(['DEL', key]);
      }
    });
  }
}
