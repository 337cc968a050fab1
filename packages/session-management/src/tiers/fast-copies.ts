import { LRUCache } from 'lru-cache';
import type { CopyReading } from '../policy/read-order.ts';
import { sessionKey, userKey } from '../policy/session-id.ts';
import {
  hasCode,
  type LiveSession,
  type MetricSink,
  type MonotonicClock,
  type SessionCopies,
  type SessionCopy,
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
const FAILED: CopyReading = { state: 'error' };

/** A read under way of one key, and the master that was trusted with it. */
interface Asked<T> {
  key: string;
  master: string | null;
  answer: Promise<T>;
}

/**
 * The two keys of a fast copy, read and written as one.
 *
 * One missing is a miss, one in error is an error; a session that was confirmed beside another version
 * of its user says nothing, since the user's sessions may all have ended; what contradicts what this
 * process has seen is a miss. What a master says that is not trusted, or was not the same before and after, is
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

  /**
   * Both keys, in one trip where this process knows already whose session it is. An error is a
   * reading of its own: the record decides. In one piece, since every lookup that is not answered
   * near pays for each promise on this way.
   */
  async read(digest: string, realm: string): Promise<CopyReading> {
    const { changes, metrics, near } = this.#parts;
    const leases = near.begin();
    let found: CopyReading = FAILED;
    try {
      const owner = this.#owners.get(digest);
      const early = owner === undefined ? null : this.#askUser(owner, leases);
      // A tombstone needs no user: it answers even where the user cannot be read.
      early?.answer.catch(() => undefined);
      const asked = this.#ask(sessionKey(digest, realm), leases, () =>
        this.sessions.read(digest, realm),
      );
      const reading = await asked.answer;
      this.#believe(asked);
      if (reading.state === 'hit') {
        const { session } = reading;
        const isEarly = early !== null && owner === session.userId;
        const user = isEarly ? early : this.#askUser(session.userId, leases);
        found = this.#joined(session, await user.answer);
        this.#believe(user);
        if (!isEarly) this.#owners.set(digest, ownerOf(found) ?? session.userId);
        if (found.state === 'hit') near.keep(found.live, leases);
      } else {
        found = reading;
        if (found.state === 'tombstone') changes.sessionEnded(digest);
      }
    } catch (error) {
      found = FAILED;
      if (!hasCode(error, 'STORE_UNAVAILABLE')) throw error;
    } finally {
      leases.end();
      metrics.count('session.fast_copy.reads', [found.state]);
    }
    return found;
  }

  async fill({ session, user }: LiveSession): Promise<void> {
    this.#owners.set(session.digest, user.user.id);
    await Promise.all([this.sessions.put(session), this.users.put(user)]);
  }

  /** A fill of what was missing, old or unreadable. */
  async repair(live: LiveSession): Promise<void> {
    await this.fill(live);
    this.#parts.metrics.count('session.fast_copy.repairs', []);
  }

  #joined(session: SessionCopy, user: UserCopy | null): CopyReading {
    if (user === null || user.version !== session.userVersion) return MISS;
    const live = { session, user };
    return this.#isCurrent(live) ? { state: 'hit', live } : MISS;
  }

  #isCurrent(live: LiveSession): boolean {
    const { changes } = this.#parts;
    const confirmedAt = Math.min(live.session.confirmedAt, live.user.confirmedAt);
    return changes.judge(live) === 'current' && !changes.distrusts(confirmedAt);
  }

  #askUser(userId: string, leases: Reading): Asked<UserCopy | null> {
    return this.#ask(userKey(userId), leases, () => this.users.read(userId));
  }

  #ask<T>(key: string, leases: Reading, read: () => Promise<T>): Asked<T> {
    const master = this.#parts.masters.ownerOf(key);
    if (master === null) return { key, master, answer: Promise.reject(distrusted()) };
    leases.lease(key);
    return { key, master, answer: read() };
  }

  /** Call when the answer is there. @throws {SessionStoreUnavailableError} it came of another master, or of none. */
  #believe({ key, master }: Asked<unknown>): void {
    const { masters, monotonic } = this.#parts;
    if (masters.ownerOf(key) !== master) throw distrusted();
    this.#answeredAt = monotonic.now();
  }
}

/** The user's id as the user's copy holds it: one text for all who remember it. */
function ownerOf(found: CopyReading): string | null {
  return found.state === 'hit' ? found.live.user.user.id : null;
}

function distrusted(): SessionStoreUnavailableError {
  return new SessionStoreUnavailableError('redis', 'trust');
}
