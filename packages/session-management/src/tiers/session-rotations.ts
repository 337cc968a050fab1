import {
  type EventSink,
  hasCode,
  type MonotonicClock,
  type Rotated,
  type Rotation,
  type SessionRecords,
  type SessionRotator,
  type StoreClock,
} from '../types/index.ts';
import type { KnownChanges } from './known-changes.ts';
import type { OwnChanges } from './own-changes.ts';

export interface RotationParts {
  records: Pick<SessionRecords, 'rotate'>;
  own: OwnChanges;
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
    const { clock, monotonic } = this.#parts;
    const sentAt = monotonic.now();
    const rotation = await this.#rotateOnce(digest, next);
    if (rotation.state !== 'rotated') return rotation;

    clock.observe(rotation.live.session.confirmedAt, sentAt);
    return (await this.#carry(rotation, sentAt)) ? rotation : { state: 'revoked' };
  }

  carry(rotated: Rotated): Promise<boolean> {
    return this.#carry(rotated, this.#parts.monotonic.now());
  }

  async #carry({ before, ended, live }: Rotated, sentAt: number): Promise<boolean> {
    const { changes, events, opened, own, settle } = this.#parts;
    const { digest, handle, realm, userId } = live.session;
    opened(digest);
    events.tell({ kind: 'rotated', userId, realm, handle });
    // Ended while this was under way, by who knew both digests already.
    if (changes.judge(live) === 'ended') return false;

    changes.sessionChanged(before.digest, before.version);
    for (const gone of ended) changes.sessionEnded(gone);
    await settle('rotate', () =>
      Promise.all([own.fill(live, sentAt), own.put(before, sentAt), own.end(ended, realm)]),
    );
    return true;
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
}
