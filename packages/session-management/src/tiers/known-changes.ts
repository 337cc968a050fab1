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
  readonly #users: LRUCache<string, { version: number; epoch: number }>;
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
    this.#users = new LRUCache<string, { version: number; epoch: number }>(bounds);
  }

  sessionEnded(digest: string): void {
    this.#sessions.set(digest, ENDED);
    this.#watcher.forgetSession(digest);
  }

  sessionChanged(digest: string, version: number): void {
    const known = this.#sessions.get(digest) ?? 0;
    if (version <= known) return;
    this.#sessions.set(digest, version);
    this.#watcher.forgetSession(digest);
  }

  userChanged(copy: UserCopy): void {
    const known = this.#users.get(copy.user.id);
    if (known && known.version >= copy.version) return;
    this.#users.set(copy.user.id, { version: copy.version, epoch: copy.sessionEpoch });
    this.#watcher.forgetUser(copy.user.id);
  }

  hasEnded(digest: string): boolean {
    return this.#sessions.get(digest) === ENDED;
  }

  /** Holds a live session, from a copy or a late answer, against what is known here. */
  judge({ session, user }: LiveSession): Verdict {
    const version = this.#sessions.get(session.digest) ?? 0;
    if (version === ENDED) return 'ended';

    const known = this.#users.get(session.userId);
    if (known && session.epoch < known.epoch) return 'ended';
    if (session.version < version || (known && user.version < known.version)) return 'outdated';
    return 'current';
  }

  /** Whether a copy confirmed at this instant is old enough to contradict something forgotten. */
  distrusts(confirmedAt: number): boolean {
    return confirmedAt <= this.#distrustedUntil;
  }
}
