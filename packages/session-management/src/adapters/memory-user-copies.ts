import { mayFill, mayRise, userRank } from '../policy/copy-order.ts';
import { ALONE, namesOf } from '../policy/key-names.ts';
import { LIMITS } from '../policy/limits.ts';
import {
  decodeUser,
  encodeUser,
  encodeUserMarker,
  encodeUserTombstone,
} from '../policy/user-text.ts';
import type { HeldUser, UserCopies, UserCopy } from '../types/index.ts';
import { type MemoryClock, MemoryKeys } from './memory-keys.ts';

const { user: userKey } = namesOf(ALONE);

/** Copies of users in the memory of this process, in the same text and by the same rules as in Redis. */
export class MemoryUserCopies implements UserCopies {
  readonly #keys: MemoryKeys;

  constructor(clock: MemoryClock) {
    this.#keys = new MemoryKeys(clock);
  }

  async read(userId: string): Promise<HeldUser | null> {
    const text = this.#keys.get(userKey(userId));
    return text === null ? null : decodeUser(text, userId);
  }

  async put(copy: UserCopy): Promise<void> {
    const key = userKey(copy.user.id);
    const [there, now] = [userRank(this.#keys.get(key)), this.#keys.now()];
    if (!mayRise(there, { version: copy.version, ends: false })) return;
    if (there === null || there.kind === 'marker') {
      this.#keys.set(key, encodeUserMarker(copy.version, now), LIMITS.MARKER);
    } else this.#keys.set(key, encodeUser(copy, now), LIMITS.USER_KEY);
  }

  async fill(copy: UserCopy, confirmedAt: number): Promise<void> {
    const key = userKey(copy.user.id);
    const [there, now] = [userRank(this.#keys.get(key)), this.#keys.now()];
    const next = { version: copy.version, confirmedAt };
    if (!mayFill(there, next, this.#keys.left(key), now)) return;
    this.#keys.set(key, encodeUser(copy, Math.max(confirmedAt, now)), LIMITS.USER_KEY);
  }

  async end(userId: string, version: number): Promise<void> {
    const key = userKey(userId);
    if (!mayRise(userRank(this.#keys.get(key)), { version, ends: true })) return;
    this.#keys.set(key, encodeUserTombstone(version, this.#keys.now()), LIMITS.W);
  }
}
