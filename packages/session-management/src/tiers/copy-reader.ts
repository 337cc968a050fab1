import type { CopyReading } from '../policy/read-order.ts';
import {
  type MonotonicClock,
  SessionStoreUnavailableError,
  type StoreClock,
} from '../types/index.ts';
import { pause } from './deadline.ts';
import type { FastCopies } from './fast-copies.ts';

/** Before each further try, in milliseconds: a connection is made anew within two or three of them. */
const PAUSES = [0, 25, 50, 100, 150, 200];
/** A fast store that answered so long ago has a hiccup; after that it is down. */
const HICCUP = 1_000;

export interface CopyReaderParts {
  copies: FastCopies;
  clock: StoreClock;
  monotonic: MonotonicClock;
}

/** Reads fast copies once more, where nothing else is left. */
export class CopyReader {
  readonly #parts: CopyReaderParts;

  constructor(parts: CopyReaderParts) {
    this.#parts = parts;
  }

  /**
   * The copy, while the record is down: nothing else can answer. One that could not be read is asked
   * for again, once in any case, and until the deadline if the fast store has only just stopped to
   * answer: a late reply and the new connection that it costs must not look like both stores down.
   */
  async readAgain(
    digest: string,
    realm: string,
    before: CopyReading,
    deadline: number,
  ): Promise<CopyReading> {
    const { copies, monotonic } = this.#parts;
    let reading = before;
    for (const wait of PAUSES) {
      if (reading.state !== 'error' || monotonic.now() + wait >= deadline) break;
      if (wait > 0 && !copies.haveAnsweredWithin(HICCUP)) break;
      await pause(wait);
      reading = await copies.read(digest, realm);
    }
    await this.#learnTime();
    return reading;
  }

  /** Without PostgreSQL's time, the fast store's is the next best: a copy must still be judged. */
  async #learnTime(): Promise<void> {
    const { clock, copies, monotonic } = this.#parts;
    if (clock.now() !== null) return;
    const sentAt = monotonic.now();
    try {
      clock.observe(await copies.sessions.now(), sentAt);
    } catch (error) {
      if (!(error instanceof SessionStoreUnavailableError)) throw error;
    }
  }
}
