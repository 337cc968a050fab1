import {
  type EventSink,
  hasCode,
  type MonotonicClock,
  type Rotation,
  type SessionRecords,
  type SessionRotator,
  type StoreClock,
} from '../types/index.ts';
import type { FastCopies } from './fast-copies.ts';
import type { KnownChanges } from './known-changes.ts';

export interface RotationParts {
  records: Pick<SessionRecords, 'rotate'>;
  copies: FastCopies;
  changes: KnownChanges;
  clock: StoreClock;
  monotonic: MonotonicClock;
  events: EventSink;
  /** A digest has become a session. */
  opened(digest: string): void;
  /** Waits for a write to a copy; a failure is reported and harms nobody for longer than F. */
  settle(operation: string, work: () => Promise<unknown>): Promise<void>;
}

/**
 * Rotates in the order of every change: the record commits, this process remembers, the copies follow,
 * then the caller is told.
 *
 * The copy of the previous digest ends with its grace, in every tier; one that was read before the
 * rotation has a lower version, so that it is neither written nor believed.
 */
export class SessionRotations implements SessionRotator {
  readonly #parts: RotationParts;

  constructor(parts: RotationParts) {
    this.#parts = parts;
  }

  async rotate(digest: string, next: string): Promise<Rotation> {
    const { changes, clock, events, monotonic, opened } = this.#parts;
    const sentAt = monotonic.now();
    const rotation = await this.#rotateOnce(digest, next);
    if (rotation.state !== 'rotated') return rotation;

    const { session } = rotation.live;
    clock.observe(session.confirmedAt, sentAt);
    opened(next);
    const { handle, realm, userId } = session;
    events.tell({ kind: 'rotated', userId, realm, handle });
    // Ended while this was under way, by who knew both digests already.
    if (changes.judge(rotation.live) === 'ended') return { state: 'revoked' };
    await this.#carry(rotation);
    return rotation;
  }

  /** Whether an unanswered commit happened is found out by saying it again: same digests, one rotation. */
  async #rotateOnce(digest: string, next: string): Promise<Rotation> {
    const { records } = this.#parts;
    try {
      return await records.rotate(digest, next);
    } catch (error) {
      if (!hasCode(error, 'STORE_UNAVAILABLE')) throw error;
      return await records.rotate(digest, next);
    }
  }

  async #carry({ before, ended, live }: Extract<Rotation, { state: 'rotated' }>): Promise<void> {
    const { changes, copies, settle } = this.#parts;
    changes.sessionChanged(before.digest, before.version);
    for (const digest of ended) changes.sessionEnded(digest);
    await settle('rotate', () =>
      Promise.all([
        copies.fill(live),
        copies.sessions.put(before),
        copies.sessions.end(ended, before.realm),
      ]),
    );
  }
}
