import { namesOf } from '../policy/key-names.ts';
import { LIMITS } from '../policy/limits.ts';
import {
  decodeUser,
  encodeUser,
  encodeUserMarker,
  encodeUserTombstone,
} from '../policy/user-text.ts';
import {
  type HeldUser,
  type KeyNamesSource,
  type RedisClient,
  SessionStoreUnavailableError,
  type StoreClock,
  type UserCopies,
  type UserCopy,
} from '../types/index.ts';
import { attempt, FILL_USER, getText, isRefusal, RAISE_USER, runScript } from './redis-script.ts';

/** Copies of users in Redis, each one short text under a name of ours. */
export class RedisUserAdapter implements UserCopies {
  readonly #client: RedisClient;
  readonly #names: KeyNamesSource;
  readonly #clock: Pick<StoreClock, 'now'>;

  /**
   * @param client - A connected client of `redis` or `@redis/client`; the caller closes it.
   * @param clock - The record's, by which each copy says when it was written.
   */
  constructor(client: RedisClient, names: KeyNamesSource, clock: Pick<StoreClock, 'now'>) {
    this.#client = client;
    this.#names = names;
    this.#clock = clock;
  }

  async read(userId: string): Promise<HeldUser | null> {
    const key = namesOf(this.#names).user(userId);
    const text = await getText(this.#client, 'read-user', key);
    return text === null ? null : decodeUser(text, userId);
  }

  async put(copy: UserCopy): Promise<void> {
    const { user, version } = copy;
    const now = this.#now();
    const text = [encodeUser(copy, now), String(LIMITS.USER_KEY), String(version)];
    const marker = [encodeUserMarker(version, now), String(LIMITS.MARKER)];
    await this.#raise('put-user', user.id, [...text, ...marker]);
  }

  async fill(copy: UserCopy, confirmedAt: number): Promise<void> {
    const { user, version } = copy;
    const writtenAt = Math.max(confirmedAt, this.#clock.now() ?? confirmedAt);
    const text = [encodeUser(copy, writtenAt), String(LIMITS.USER_KEY)];
    const args = [...text, String(version), String(confirmedAt)];
    const key = namesOf(this.#names).user(user.id);
    await attempt('fill-user', () => runScript(this.#client, FILL_USER, key, args));
  }

  async end(userId: string, version: number): Promise<void> {
    const text = [encodeUserTombstone(version, this.#now()), String(LIMITS.W)];
    await this.#raise('end-user', userId, [...text, String(version), ...text, 'ends']);
  }

  /** Where Redis refuses the change, and only there, the copy is taken away: see `RedisSessionAdapter`. */
  async #raise(operation: string, userId: string, args: readonly string[]): Promise<void> {
    const key = namesOf(this.#names).user(userId);
    await attempt(operation, async () => {
      try {
        await runScript(this.#client, RAISE_USER, key, args);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        await this.#client.sendCommand(['DEL', key]);
      }
    });
  }

  /** @throws {SessionStoreUnavailableError} before the record has told its time. */
  #now(): number {
    const now = this.#clock.now();
    if (now === null) throw new SessionStoreUnavailableError('redis', 'clock');
    return now;
  }
}
