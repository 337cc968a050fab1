import { LRUCache } from 'lru-cache';
import type { EventSink, RecordAnswer } from '../types/index.ts';

/** Of how many sessions and digests it is remembered that they were told of. */
const SIZE = 10_000;

/**
 * Tells of visitors who come back with a session whose time is up, once a session, and of those who
 * come with a sessionId that was rotated away, once a sessionId.
 */
export class SessionNews {
  readonly #events: EventSink;
  readonly #told = new LRUCache<string, true>({ max: SIZE });

  constructor(events: EventSink) {
    this.#events = events;
  }

  tell(digest: string, answer: RecordAnswer): void {
    if (answer.state !== 'expired' && answer.state !== 'past-grace') return;
    const isExpired = answer.state === 'expired';
    const name = isExpired ? answer.session.handle : digest;
    if (this.#told.has(name)) return;
    this.#told.set(name, true);
    this.#events.tell({ kind: isExpired ? 'expired' : 'reuse', ...answer.session });
  }
}
