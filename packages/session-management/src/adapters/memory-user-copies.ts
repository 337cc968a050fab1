import { FINAL, mayReplace } from '../policy/copy-order.ts';
import { LIMITS } from '../policy/limits.ts';
import { userKey } from '../policy/session-id.ts';
import { decodeUser, encodeUser, encodeUserTombstone } from '../policy/session-record.ts';
import type { UserCopies, UserCopy } from '../types/index.ts';
import { type MemoryClock, MemoryKeys } from './memory-keys.ts';

/** Copies of users in the memory of this process, in the same text and by the same rules as in Redis. */
export class MemoryUserCopies implements UserCopies {
  readonly #keys: MemoryKeys;

  constructor(clock: MemoryClock) {
    this.#keys = new MemoryKeys(clock);
  }

  async read(userId: string): Promise<UserCopy | null> {
    const text = this.#keys.get(userKey(userId));
    return text === null ? null : decodeUser(text, userId);
  }

  async put(copy: UserCopy): Promise<void> {
    const key = userKey(copy.user.id);
    if (mayReplace(this.#keys.get(key), copy)) this.#keys.set(key, encodeUser(copy), LIMITS.W);
  }

  async end(userId: string, version: number): Promise<void> {
    const key = userKey(userId);
    if (!mayReplace(this.#keys.get(key), { version, confirmedAt: FINAL })) return;
    this.#keys.set(key, encodeUserTombstone(version), LIMITS.W);
  }
}
