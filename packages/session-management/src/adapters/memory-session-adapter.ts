import { mayReplace, sessionRank } from '../policy/copy-order.ts';
import { ttlToMs } from '../policy/expiry.ts';
import { ALONE, namesOf } from '../policy/key-names.ts';
import { timeToLive } from '../policy/lifetime.ts';
import { DEFAULT_REALM, LIMITS } from '../policy/limits.ts';
import { digestOf, isPresentable } from '../policy/session-id.ts';
import {
  decodeEntry,
  encodeSession,
  encodeSessionData,
  encodeTombstone,
  type SessionEntry,
  sessionDataOf,
} from '../policy/session-record.ts';
import { assertSettable } from '../policy/settable.ts';
import {
  type SessionAdapter,
  type SessionCopies,
  type SessionCopy,
  type SessionCopyReading,
  type SessionData,
  SessionManagedError,
  SessionRevokedError,
} from '../types/index.ts';
import { type MemoryClock, MemoryKeys } from './memory-keys.ts';

const { check: checkOf, session: sessionKey } = namesOf(ALONE);

/** Sessions in the memory of this process, in the same text and by the same rules as in Redis. */
export class MemorySessionAdapter implements SessionAdapter, SessionCopies {
  readonly #keys: MemoryKeys;

  constructor(clock: MemoryClock) {
    this.#keys = new MemoryKeys(clock);
  }

  async get(sessionId: string): Promise<SessionData | null> {
    if (!isPresentable(sessionId)) return null;
    const entry = this.#entry(digestOf(sessionId), DEFAULT_REALM);
    if (entry === null || entry.kind === 'tombstone') return null;
    return entry.kind === 'plain' ? entry.data : sessionDataOf(entry.session);
  }

  async set(sessionId: string, data: SessionData, ttl: number): Promise<void> {
    const ttlMs = ttlToMs(ttl);
    assertSettable(sessionId, data);
    const key = sessionKey(digestOf(sessionId));
    const there = sessionRank(this.#keys.get(key), null);
    if (there === 'tombstone') throw new SessionRevokedError();
    if (there !== null) throw new SessionManagedError('set');
    this.#keys.set(key, encodeSessionData(data), ttlMs);
  }

  async delete(sessionId: string): Promise<void> {
    if (isPresentable(sessionId)) await this.block(digestOf(sessionId), DEFAULT_REALM);
  }

  async extend(sessionId: string, ttl: number): Promise<void> {
    const ttlMs = ttlToMs(ttl);
    if (!isPresentable(sessionId)) return;
    const digest = digestOf(sessionId);
    const entry = this.#entry(digest, DEFAULT_REALM);
    if (entry === null || entry.kind === 'tombstone') return;
    if (entry.kind === 'copy') throw new SessionManagedError('extend');
    const data = { ...entry.data, expires_at: this.#keys.now() + ttlMs };
    this.#keys.set(sessionKey(digest), encodeSessionData(data), ttlMs);
  }

  async read(digest: string, realm: string): Promise<SessionCopyReading> {
    const entry = this.#entry(digest, realm);
    if (entry === null || entry.kind === 'plain') return { state: 'miss' };
    return entry.kind === 'copy'
      ? { state: 'hit', session: entry.session }
      : { state: 'tombstone' };
  }

  async put(session: SessionCopy): Promise<void> {
    const key = sessionKey(session.digest, session.realm);
    const check = checkOf(session.digest);
    const left = timeToLive(session);
    const there = sessionRank(this.#keys.get(key), check);
    if (left === 0 || !mayReplace(there, session, this.#keys.now())) return;
    this.#keys.set(key, encodeSession(session, check), left);
  }

  add(session: SessionCopy): Promise<void> {
    return this.put(session);
  }

  async replace(session: SessionCopy): Promise<void> {
    const there = this.#keys.get(sessionKey(session.digest, session.realm));
    if (there !== null) await this.put(session);
  }

  async end(digests: readonly string[], realm: string): Promise<void> {
    for (const digest of digests) {
      const key = sessionKey(digest, realm);
      const tombstone = encodeTombstone(checkOf(digest));
      const left = this.#keys.get(key) === tombstone ? this.#keys.left(key) : 0;
      this.#keys.set(key, tombstone, Math.max(LIMITS.W, left));
    }
  }

  async block(digest: string, realm: string): Promise<void> {
    const key = sessionKey(digest, realm);
    const left = this.#keys.left(key);
    if (left === 0) return;
    this.#keys.set(key, encodeTombstone(checkOf(digest)), Math.max(LIMITS.W, left));
  }

  async now(): Promise<number> {
    return this.#keys.now();
  }

  #entry(digest: string, realm: string): SessionEntry | null {
    const text = this.#keys.get(sessionKey(digest, realm));
    return text === null ? null : decodeEntry(text, digest, realm, checkOf(digest));
  }
}
