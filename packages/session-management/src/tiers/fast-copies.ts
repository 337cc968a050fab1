import { LRUCache } from 'lru-cache';
import { namesOf } from '../policy/key-names.ts';
import { LIMITS } from '../policy/limits.ts';
import type { CopyReading } from '../policy/read-order.ts';
import {
  type FastStoreMasters,
  type HeldUser,
  hasCode,
  type KeyNames,
  type KeyNamesSource,
  type LiveSession,
  type MasterTrust,
  type MetricSink,
  type MonotonicClock,
  type SessionCopies,
  type SessionCopy,
  SessionStoreUnavailableError,
  type StoreClock,
  type UserCopies,
} from '../types/index.ts';
import type { KnownChanges } from './known-changes.ts';
import type { Reading } from './leases.ts';
import type { NearCopies } from './near-copies.ts';

export interface FastCopyParts {
  sessions: SessionCopies;
  users: UserCopies;
  masters: Pick<FastStoreMasters, 'ownerOf'>;
  trust: MasterTrust;
  changes: KnownChanges;
  near: NearCopies;
  names: KeyNamesSource;
  clock: StoreClock;
  monotonic: MonotonicClock;
  metrics: MetricSink;
}

/** Of how many sessions it is remembered whose they are: about 200 bytes each. */
const OWNERS = 50_000;

const FAILED: CopyReading = { state: 'error' };

/** A read under way of one key, and the master that was trusted with it. */
interface Asked<T> {
  key: string;
  /** `null`: none that counts, and nobody was asked. */
  master: string | null;
  answer: Promise<T>;
}

/**
 * The two keys of a fast copy, read and written as one.
 *
 * One missing is a miss, one in error is an error; a session that was confirmed beside another version
 * of its user says nothing, since the user's sessions may all have ended; what contradicts what this
 * process has seen is a miss, and so is what was confirmed before both of its masters counted. The session alone is
 * dated: at its confirmation it lived, and its user was just this. What a master says that does not count, or was
 * not the same before and after, is an error. What holds is kept near.
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
      const names = namesOf(this.#parts.names);
      const owner = this.#owners.get(digest);
      const early = owner === undefined ? null : this.#askUser(names, owner, leases);
      // A tombstone needs no user: it answers even where the user cannot be read.
      early?.answer.catch(() => undefined);
      const asked = this.#ask(names.session(digest, realm), leases, () =>
        this.sessions.read(digest, realm),
      );
      const reading = await asked.answer;
      this.#believe(asked);
      if (reading.state === 'hit') {
        const { session } = reading;
        const isEarly = early !== null && owner === session.userId;
        const user = isEarly ? early : this.#askUser(names, session.userId, leases);
        const held = await user.answer;
        // Both anew: meanwhile the session's may have come to count from later on.
        const since = Math.max(this.#believe(asked), this.#believe(user));
        found = this.#joined(session, held, since);
        if (!isEarly) this.#owners.set(digest, ownerOf(found) ?? session.userId);
        if (found.state === 'hit') {
          near.keep({ ...found, names, keys: { session: asked.key, user: user.key } }, leases);
        }
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

  /** @param sentAt - When the record was asked (monotonic): an answer that is long under way fills nothing. */
  async fill({ session, user }: LiveSession, sentAt: number): Promise<void> {
    this.#owners.set(session.digest, user.user.id);
    if (this.isLate(sentAt)) return;
    await Promise.all([this.sessions.add(session), this.users.fill(user, session.confirmedAt)]);
  }

  /**
   * A fill of what was missing, old or unreadable. What is known of the user's key to be just this, and
   * young, is left alone: to write it would drop the near copies of all of the user's sessions.
   */
  async repair(live: LiveSession, reading: CopyReading, sentAt: number): Promise<void> {
    const { session, user } = live;
    this.#owners.set(session.digest, user.user.id);
    if (this.isLate(sentAt)) return;
    const isAbsent = reading.state === 'miss' && reading.held === undefined;
    const held = 'held' in reading ? reading.held : this.#parts.near.heldOf(session.userId);
    const isKept = held != null && held.version === user.version && this.#isYoung(held.writtenAt);
    await Promise.all([
      isAbsent ? this.sessions.add(session) : this.sessions.put(session),
      isKept ? null : this.users.fill(user, session.confirmedAt),
    ]);
    this.#parts.metrics.count('session.fast_copy.repairs', []);
  }

  /** Whether an answer of the record is too old to be written: what was read before a change must not come after it. */
  isLate(sentAt: number): boolean {
    return this.#parts.monotonic.now() - sentAt > LIMITS.FILL;
  }

  #isYoung(writtenAt: number): boolean {
    const now = this.#parts.clock.now();
    if (now === null || writtenAt > now + LIMITS.FUTURE) return false;
    return now - writtenAt < LIMITS.USER_KEY / 2;
  }

  /** @param since - Since when both masters count. */
  #joined(session: SessionCopy, held: HeldUser | null, since: number): CopyReading {
    const { changes } = this.#parts;
    const { confirmedAt, userVersion } = session;
    const isOne = held !== null && held.version === userVersion;
    if (!isOne || changes.distrusts(confirmedAt) || confirmedAt < since) {
      return { state: 'miss', held };
    }
    const live = { session, user: held };
    return changes.judge(live) === 'current'
      ? { state: 'hit', live, held }
      : { state: 'miss', held };
  }

  #askUser(names: KeyNames, userId: string, leases: Reading): Asked<HeldUser | null> {
    return this.#ask(names.user(userId), leases, () => this.users.read(userId));
  }

  #ask<T>(key: string, leases: Reading, read: () => Promise<T>): Asked<T> {
    const { masters, trust } = this.#parts;
    const master = masters.ownerOf(key);
    if (master === null || trust.sinceOf(master) === null) {
      return { key, master: null, answer: Promise.reject(distrusted()) };
    }
    leases.lease(key);
    return { key, master, answer: read() };
  }

  /** Call when the answer is there. Since when its master counts. @throws {SessionStoreUnavailableError} it came of another, or of one that does not. */
  #believe({ key, master }: Asked<unknown>): number {
    const { masters, monotonic, trust } = this.#parts;
    const since = master === null ? null : trust.sinceOf(master);
    if (masters.ownerOf(key) !== master || since === null) throw distrusted();
    this.#answeredAt = monotonic.now();
    return since;
  }
}

/** The user's id as the user's copy holds it: one text for all who remember it. */
function ownerOf(found: CopyReading): string | null {
  return found.state === 'hit' ? found.live.user.user.id : null;
}

function distrusted(): SessionStoreUnavailableError {
  return new SessionStoreUnavailableError('redis', 'trust');
}
