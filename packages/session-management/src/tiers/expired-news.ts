import { LRUCache } from 'lru-cache';
import type { EventSink, NamedSession } from '../types/index.ts';

/** Of how many sessions it is remembered that they were told of. */
const SIZE = 10_000;

/** Tells of each expired session once, however often its visitor comes back. */
export class ExpiredNews {
  readonly #events: EventSink;
  readonly #told = new LRUCache<string, true>({ max: SIZE });

  constructor(events: EventSink) {
    this.#events = events;
  }

  tell(session: NamedSession): void {
    if (this.#told.has(session.handle)) return;
    this.#told.set(session.handle, true);
    this.#events.tell({ kind: 'expired', ...session });
  }
}
