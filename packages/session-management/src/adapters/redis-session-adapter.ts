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
  type KeyNames,
  type KeyNamesSource,
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
 * no record, and the versioned copies of those that have one. The document's methods touch no copy and
 * no tombstone, whosever it is; to the others, another deployment's are nothing.
 */
export class RedisSessionAdapter implements SessionAdapter, SessionCopies {
  readonly #client: RedisClient;
  readonly #names: KeyNamesSource;

  /** @param client - A connected client of `redis` or `@redis/client`; the caller closes it. */
  constructor(client: RedisClient, names: KeyNamesSource = ALONE) {
    this.#client = client;
    this.#names = names;
  }

  async get(sessionId: string): Promise<SessionData | null> {
    if (!isPresentable(sessionId)) return null;
    const digest = digestOf(sessionId);
    const text = await getText(this.#client, 'get', this.#current.session(digest));
    return text === null ? null : dataIn(decodeEntry(text, digest, DEFAULT_REALM, null));
  }

  async set(sessionId: string, data: SessionData, ttl: number): Promise<void> {
    const ttlMs = ttlToMs(ttl);
    assertSettable(sessionId, data);
    const args = [encodeSessionData(data), String(ttlMs)];
    const key = this.#current.session(digestOf(sessionId));
    const done = await this.#run('set', SET_PLAIN, key, args);
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

  async read(digest: string, realm: string): Promise<SessionCopyReading> {
    const names = this.#current;
    const text = await getText(this.#client, 'read', names.session(digest, realm));
    if (text === null) return { state: 'miss' };
    return readingOf(decodeEntry(text, digest, realm, names.check(digest)));
  }

  put(session: SessionCopy): Promise<void> {
    return this.#write('put', session);
  }

  async add(session: SessionCopy): Promise<void> {
    const left = timeToLive(session);
    if (left === 0) return;
    const { check, session: keyOf } = this.#current;
    const { digest, realm } = session;
    const text = encodeSession(session, check(digest));
    const set = ['SET', keyOf(digest, realm), text, 'PX', String(left), 'NX'];
    const done = await attempt('add', () => this.#client.sendCommand(set));
    if (done === null) await this.#write('put', session);
  }

  replace(session: SessionCopy): Promise<void> {
    return this.#write('replace', session);
  }

  async end(digests: readonly string[], realm: string): Promise<void> {
    const buried = await Promise.allSettled(
      digests.map((digest) => this.#bury(digest, realm, 'end')),
    );
    const failed = buried.find((result) => result.status === 'rejected');
    if (failed) throw new SessionStoreUnavailableError('redis', 'end', failed.reason);
  }

  async block(digest: string, realm: string): Promise<void> {
    await attempt('block', () => this.#bury(digest, realm, 'delete'));
  }

  now(): Promise<number> {
    return attempt('now', () => redisTime(this.#client));
  }

  async #write(operation: 'put' | 'replace', session: SessionCopy): Promise<void> {
    const left = timeToLive(session);
    if (left === 0) return;
    const { confirmedAt, digest, realm, version } = session;
    const names = this.#current;
    const check = names.check(digest);
    const rank = [String(version), String(confirmedAt), check];
    const args = [encodeSession(session, check), String(left), ...rank, operation];
    await this.#run(operation, WRITE_COPY, names.session(digest, realm), args);
  }

  /** `false` when somebody wrote in between. The text is exchanged whole, so a log-out in between wins. */
  async #extendOnce(digest: string, ttlMs: number): Promise<boolean> {
    const key = this.#current.session(digest);
    const [text, now] = await Promise.all([getText(this.#client, 'extend', key), this.now()]);
    const entry = text === null ? null : decodeEntry(text, digest, DEFAULT_REALM, null);
    if (text === null || entry === null || entry.kind === 'tombstone') return true;
    if (entry.kind === 'copy') throw new SessionManagedError('extend');

    const extended = encodeSessionData({ ...entry.data, expires_at: now + ttlMs });
    return (await this.#run('extend', SWAP, key, [text, extended, String(ttlMs)])) === 1;
  }

  /**
   * Where Redis refuses the tombstone, taking the copy away still makes the lookup ask the record.
   * Where it does not answer, the tombstone is still to be put: a copy taken away could come back.
   */
  async #bury(digest: string, realm: string, how: 'end' | 'delete'): Promise<void> {
    const { check, session: keyOf } = this.#current;
    const key = keyOf(digest, realm);
    try {
      const args = [encodeTombstone(check(digest)), String(LIMITS.W), how];
      await runScript(this.#client, BURY, key, args);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await this.#client.sendCommand(['DEL', key]);
    }
  }

  get #current(): KeyNames {
    return namesOf(this.#names);
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
