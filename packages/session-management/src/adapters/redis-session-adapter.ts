import { ttlToMs } from '../policy/expiry.ts';
import { timeToLive } from '../policy/lifetime.ts';
import { DEFAULT_REALM, LIMITS } from '../policy/limits.ts';
import { digestOf, isPresentable, sessionKey } from '../policy/session-id.ts';
import {
  decodeEntry,
  encodeSession,
  encodeSessionData,
  type SessionEntry,
  sessionDataOf,
  TOMBSTONE,
} from '../policy/session-record.ts';
import { assertSettable } from '../policy/settable.ts';
import {
  type RedisClient,
  type SessionAdapter,
  type SessionCopies,
  type SessionCopy,
  type SessionCopyReading,
  type SessionData,
  SessionManagedError,
  SessionRevokedError,
  SessionStoreUnavailableError,
} from '../types/index.ts';
import {
  attempt,
  BURY,
  DISCARD,
  getText,
  isRefusal,
  redisTime,
  runScript,
  SET_PLAIN,
  SWAP,
  WRITE_COPY,
} from './redis-script.ts';

/** How often `extend` reads again when somebody else wrote between its read and its write. */
const EXTEND_TRIES = 10;

/**
 * Sessions in Redis, one JSON value under `session:{digest}`, expired by Redis itself.
 *
 * Two ports over the same keys: the document's four methods, for sessions of realm `web` that have
 * no record, and the versioned copies of those that have one.
 */
export class RedisSessionAdapter implements SessionAdapter, SessionCopies {
  readonly #client: RedisClient;

  /** @param client - A connected client of `redis` or `@redis/client`; the caller closes it. */
  constructor(client: RedisClient) {
    this.#client = client;
  }

  async get(sessionId: string): Promise<SessionData | null> {
    if (!isPresentable(sessionId)) return null;
    return await this.#entry('get', digestOf(sessionId), DEFAULT_REALM, dataIn);
  }

  async set(sessionId: string, data: SessionData, ttl: number): Promise<void> {
    const ttlMs = ttlToMs(ttl);
    assertSettable(sessionId, data);
    const args = [encodeSessionData(data), String(ttlMs)];
    const done = await this.#run('set', SET_PLAIN, sessionKey(digestOf(sessionId)), args);
    if (done === 'revoked') throw new SessionRevokedError();
    if (done === 'managed') throw new SessionManagedError('set');
  }

  async delete(sessionId: string): Promise<void> {
    if (!isPresentable(sessionId)) return;
    await this.block(digestOf(sessionId), DEFAULT_REALM);
  }

  async extend(sessionId: string, ttl: number): Promise<void> {
    const ttlMs = ttlToMs(ttl);
    if (!isPresentable(sessionId)) return;
    const digest = digestOf(sessionId);
    for (let tries = 0; tries < EXTEND_TRIES; tries += 1) {
      if (await this.#extendOnce(digest, ttlMs)) return;
    }
    throw new SessionStoreUnavailableError('redis', 'extend');
  }

  read(digest: string, realm: string): Promise<SessionCopyReading> {
    return this.#entry('read', digest, realm, readingOf);
  }

  /** Where nothing is there is nothing to compare: a plain SET, which is a third of the script's work. */
  async put(session: SessionCopy): Promise<void> {
    const left = timeToLive(session);
    if (left === 0) return;
    const key = sessionKey(session.digest, session.realm);
    const set = ['SET', key, encodeSession(session), 'PX', String(left), 'NX'];
    const done = await attempt('put', () => this.#client.sendCommand(set));
    if (done === null) await this.#write('put', session);
  }

  replace(session: SessionCopy): Promise<void> {
    return this.#write('replace', session);
  }

  async end(digests: readonly string[], realm: string): Promise<void> {
    const buried = await Promise.allSettled(
      digests.map((digest) => this.#bury(sessionKey(digest, realm), 'end')),
    );
    const failed = buried.find((result) => result.status === 'rejected');
    if (failed) throw new SessionStoreUnavailableError('redis', 'end', failed.reason);
  }

  async block(digest: string, realm: string): Promise<void> {
    await attempt('block', () => this.#bury(sessionKey(digest, realm), 'delete'));
  }

  now(): Promise<number> {
    return attempt('now', () => redisTime(this.#client));
  }

  async #write(operation: 'put' | 'replace', session: SessionCopy): Promise<void> {
    const left = timeToLive(session);
    if (left === 0) return;
    const { confirmedAt, digest, realm, version } = session;
    const rank = [String(version), String(confirmedAt)];
    const args = [encodeSession(session), String(left), ...rank, operation];
    await this.#run(operation, WRITE_COPY, sessionKey(digest, realm), args);
  }

  /** `false` when somebody wrote in between. The text is exchanged whole, so a log-out in between wins. */
  async #extendOnce(digest: string, ttlMs: number): Promise<boolean> {
    const key = sessionKey(digest);
    const [text, now] = await Promise.all([getText(this.#client, 'extend', key), this.now()]);
    const entry = text === null ? null : decodeEntry(text, digest, DEFAULT_REALM);
    if (text === null || entry === null || entry.kind === 'tombstone') return true;
    if (entry.kind === 'copy') throw new SessionManagedError('extend');

    const extended = encodeSessionData({ ...entry.data, expires_at: now + ttlMs });
    return (await this.#run('extend', SWAP, key, [text, extended, String(ttlMs)])) === 1;
  }

  /** What is not ours is taken away, so that it cannot stand in the way of the next copy. */
  async #entry<T>(
    operation: string,
    digest: string,
    realm: string,
    as: (entry: SessionEntry | null) => T,
  ): Promise<T> {
    const key = sessionKey(digest, realm);
    const text = await getText(this.#client, operation, key);
    const entry = text === null ? null : decodeEntry(text, digest, realm);
    if (text !== null && entry === null) await this.#run(operation, DISCARD, key, [text]);
    return as(entry);
  }

  /**
   * Where Redis refuses the tombstone, taking the copy away still makes the lookup ask the record.
   * Where it does not answer, the tombstone is still to be put: a copy taken away could come back.
   */
  async #bury(key: string, how: 'end' | 'delete'): Promise<void> {
    try {
      await runScript(this.#client, BURY, key, [TOMBSTONE, String(LIMITS.W), how]);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await this.#client.sendCommand(['DEL', key]);
    }
  }

  #run(operation: string, ...call: [typeof SWAP, string, string[]]): Promise<unknown> {
    return attempt(operation, () => runScript(this.#client, ...call));
  }
}

function dataIn(entry: SessionEntry | null): SessionData | null {
  if (entry === null || entry.kind === 'tombstone') return null;
  return entry.kind === 'plain' ? entry.data : sessionDataOf(entry.session);
}

/** Without a record there is nothing to be a copy of. */
function readingOf(entry: SessionEntry | null): SessionCopyReading {
  if (entry === null || entry.kind === 'plain') return { state: 'miss' };
  return entry.kind === 'copy' ? { state: 'hit', session: entry.session } : { state: 'tombstone' };
}
