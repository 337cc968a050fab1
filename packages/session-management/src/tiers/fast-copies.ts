import { LRUCache } from 'lru-cache';
import type { CopyReading } from '../policy/read-order.ts';
import { sessionKey, userKey } from '../policy/session-id.ts';
import {
  type LiveSession,
  type MetricSink,
  type MonotonicClock,
  type SessionCopies,
  SessionStoreUnavailableError,
  type UserCopies,
  type UserCopy,
} from '../types/index.ts';
import type { KnownChanges } from './known-changes.ts';
import type { Reading } from './leases.ts';
import type { NearCopies } from './near-copies.ts';
import type { TrustedMasters } from './trusted-masters.ts';

export interface FastCopyParts {
  sessions: SessionCopies;
  users: UserCopies;
  masters: TrustedMasters;
  changes: KnownChanges;
  near: NearCopies;
  monotonic: MonotonicClock;
  metrics: MetricSink;
}

/** Of how many sessions it is remembered whose they are: about 200 bytes each. */
const OWNERS = 50_000;

const MISS: CopyReading = { state: 'miss' };

/**
 * The two keys of a fast copy, read and written as one.
 *
 * One missing is a miss, one in error is an error; a session whose epoch is not its user's says
 * nothing, since the user's sessions may all have ended; what contradicts what this process has
 * seen is a miss. What a master says that is not trusted, or was not the same before and after, is
 * an error. What holds is kept near.
 */
export class FastCopies {
  readonly sessions: SessionCopies;
  readonly users: UserCopies;
  readonly #parts: FastCopyParts;
  /** User ids by digest: a session never changes hands, so both keys can be read in one trip. */
  readonly #owners = new LRUCache<string, string>({ max: OWNERS });
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor(parts: FastCopyParts) {
    this.#parts = parts;
    this.sessions = parts.sessions;
    this.users = parts.users;
  }

  /** Whether a trusted master has answered a reader no longer ago than this, in milliseconds. */
  haveAnsweredWithin(ms: number): boolean {
    return this.#parts.monotonic.now() - this.#answeredAt <= ms;
  }

  /** @throws {SessionStoreUnavailableError} */
  async read(digest: string, realm: string): Promise<CopyReading> {
    const { metrics } = this.#parts;
    try {
      const found = await this.#read(digest, realm);
      metrics.count('session.fast_copy.reads', [found.state]);
      return found;
    } catch (error) {
      metrics.count('session.fast_copy.reads', ['error']);
      throw error;
    }
  }

  async fill({ session, user }: LiveSession): Promise<void> {
    this.#owners.set(session.digest, session.userId);
    await Promise.all([this.sessions.put(session), this.users.put(user)]);
  }

  /** A fill of what was missing, old or unreadable. */
  async repair(live: LiveSession): Promise<void> {
    await this.fill(live);
    this.#parts.metrics.count('session.fast_copy.repairs', []);
  }

  async #read(digest: string, realm: string): Promise<CopyReading> {
    const { changes, near } = this.#parts;
    const reading = near.begin();
    try {
      const found = await this.#readBoth(digest, realm, reading);
      if (found.state === 'tombstone') changes.sessionEnded(digest);
      if (found.state !== 'hit') return found;
      if (!this.#isCurrent(found.live)) return MISS;
      near.keep(found.live, reading);
      return found;
    } finally {
      reading.end();
    }
  }

  /** In one trip where this process knows already whose session it is. */
  async #readBoth(digest: string, realm: string, reading: Reading): Promise<CopyReading> {
    const owner = this.#owners.get(digest);
    const early = owner === undefined ? null : this.#readUser(owner, reading);
    // A tombstone needs no user: it answers even where the user cannot be read.
    early?.catch(() => undefined);
    const found = await this.#trusted(sessionKey(digest, realm), reading, () =>
      this.sessions.read(digest, realm),
    );
    if (found.state !== 'hit') return found;

    const { session } = found;
    this.#owners.set(digest, session.userId);
    const isEarly = early !== null && owner === session.userId;
    const user = await (isEarly ? early : this.#readUser(session.userId, reading));
    const isLive = user !== null && user.sessionEpoch === session.epoch;
    return isLive ? { state: 'hit', live: { session, user } } : MISS;
  }

  #readUser(userId: string, reading: Reading): Promise<UserCopy | null> {
    return this.#trusted(userKey(userId), reading, () => this.users.read(userId));
  }

  #isCurrent(live: LiveSession): boolean {
    const { changes } = this.#parts;
    const confirmedAt = Math.min(live.session.confirmedAt, live.user.confirmedAt);
    return changes.judge(live) === 'current' && !changes.distrusts(confirmedAt);
  }

  async #trusted<T>(key: string, reading: Reading, read: () => Promise<T>): Promise<T> {
    const { masters, monotonic } = this.#parts;
    const owner = masters.ownerOf(key);
    if (owner === null) throw new SessionStoreUnavailableError('redis', 'trust');
    reading.lease(key);
    const answer = await read();
    if (masters.ownerOf(key) !== owner) throw new SessionStoreUnavailableError('redis', 'trust');
    this.#answeredAt = monotonic.now();
    return answer;
  }
}
