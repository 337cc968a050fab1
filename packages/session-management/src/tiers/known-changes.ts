import { LRUCache } from 'lru-cache';
import { LIMITS } from '../policy/limits.ts';
import type { LiveSession, MonotonicClock, StoreClock, UserCopy } from '../types/index.ts';

const ENDED = Number.POSITIVE_INFINITY;

/** How many changes of sessions, and of users, one process remembers. */
const DEFAULT_SIZE = 100_000;

/** Is told of each change as soon as this process sees it. */
export interface ChangeWatcher {
  forgetSession(digest: string): void;
  forgetUser(userId: string): void;
}

/** Versions; 0: none. */
interface Known {
  session: number;
  user: number;
}

/** What a live session and its user are worth against what this process has seen. */
export type Verdict = 'current' | 'outdated' | 'ended';

/**
 * What this process has seen change: sessions ended or extended, users changed.
 *
 * Asked before any copy is believed and after any answer comes, so that what was acknowledged here
 * is never contradicted here, whatever a copy, a late reply or a lost write says. Remembers for W,
 * after which no copy of before is believed any more.
 *
 * Bounded: when it is full it forgets the oldest and instead distrusts every copy confirmed until then.
 */
export class KnownChanges {
  readonly #sessions: LRUCache<string, number>;
  readonly #users: LRUCache<string, number>;
  readonly #watcher: ChangeWatcher;
  #distrustedUntil = Number.NEGATIVE_INFINITY;

  constructor(
    monotonic: MonotonicClock,
    clock: StoreClock,
    watcher: ChangeWatcher,
    size: number = DEFAULT_SIZE,
  ) {
    this.#watcher = watcher;
    const bounds = {
      max: size,
      ttl: LIMITS.W,
      perf: monotonic,
      ttlResolution: 0,
      dispose: (_value: unknown, _key: string, reason: string): void => {
        if (reason !== 'evict') return;
        const now = clock.now() ?? Number.POSITIVE_INFINITY;
        this.#distrustedUntil = Math.max(this.#distrustedUntil, now);
      },
    };
    this.#sessions = new LRUCache<string, number>(bounds);
    this.#users = new LRUCache<string, number>(bounds);
  }

  sessionEnded(digest: string): void {
    this.#sessions.set(digest, ENDED);
    this.#watcher.forgetSession(digest);
  }

  sessionChanged(digest: string, version: number): void {
    const known = this.#sessions.get(digest) ?? 0;
    if (version < known) return;
    this.#sessions.set(digest, version);
    this.#watcher.forgetSession(digest);
  }

  userChanged({ user, version }: UserCopy): void {
    const known = this.#users.get(user.id) ?? 0;
    if (version <= known) return;
    this.#users.set(user.id, version);
    this.#watcher.forgetUser(user.id);
  }

  /** What is known of a session and its user, to be held against what is known later. */
  knownOf({ session }: LiveSession): Known {
    const { digest, userId } = session;
    return { session: this.#sessions.get(digest) ?? 0, user: this.#users.get(userId) ?? 0 };
  }

  /**
   * The record has said otherwise, by a statement sent when just this was known: it has lost what this
   * process saw, and its word counts. An end stays an end.
   */
  unlearn({ session, user }: LiveSession, known: Known): void {
    if (known.session !== ENDED && this.#sessions.get(session.digest) === known.session) {
      this.#sessions.set(session.digest, session.version);
    }
    if (this.#users.get(session.userId) === known.user) {
      this.#users.set(session.userId, user.version);
    }
  }

  hasEnded(digest: string): boolean {
    return this.#sessions.get(digest) === ENDED;
  }

  /** Holds a live session, from a copy or a late answer, against what is known here. */
  judge({ session, user }: LiveSession): Verdict {
    const version = this.#sessions.get(session.digest) ?? 0;
    if (version === ENDED) return 'ended';

    const known = this.#users.get(session.userId) ?? 0;
    const isCurrent =
      session.version >= version && Math.min(user.version, session.userVersion) >= known;
    return isCurrent ? 'current' : 'outdated';
  }

  /** Whether a copy confirmed at this instant is old enough to contradict something forgotten. */
  distrusts(confirmedAt: number): boolean {
    return confirmedAt <= this.#distrustedUntil;
  }
}
