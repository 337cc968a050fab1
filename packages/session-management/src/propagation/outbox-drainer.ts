import { sessionKey, userKey } from '../policy/session-id.ts';
import type {
  ChangeFeed,
  FastStoreMasters,
  Logger,
  MetricSink,
  Outbox,
  OutboxItem,
} from '../types/index.ts';
import { HaltNotices } from './halt-notices.ts';

/** Rows in one claim. */
const BATCH = 200;
/** Between two looks at the outbox while nothing tells of changes, in milliseconds. */
const POLL = 300;
/** How many times rarer while the feed is proven. */
const PROVEN_FACTOR = 10;
/**
 * How long a notice waits for more, and up to as long again by chance, in milliseconds. The process
 * that made a change has carried it out by then, and of many that heard of it the first does the rest.
 */
const GATHER = 20;
/** Between two deletions of old rows, in milliseconds, and rows in one. */
const DELETE_EVERY = 30_000;
const DELETE_BATCH = 1_000;

export interface DrainerParts {
  outbox: Outbox;
  feed: ChangeFeed;
  masters: FastStoreMasters;
  trust: {
    trustsAll(masters: readonly string[]): boolean;
    trust(masters: readonly string[]): void;
  };
  /** Brings what a row names to the present state in the fast store. */
  apply(items: readonly OutboxItem[]): Promise<void>;
  /** What to do when both stores answer: ends that could not be recorded before. */
  whenBothAnswer(): Promise<void>;
  monotonic: { now(): number };
  /** A number from 0 up to 1: spreads the looks of processes that heard the same notice. */
  random(): number;
  logger: Logger;
  metrics: MetricSink;
}

/**
 * The one way from PostgreSQL to the fast store: carries out the rows of the outbox.
 *
 * Every process runs one. Claims are short and no lock is held while the fast store is written; a
 * row is marked with the run id of the master that took it, so that a restarted or promoted master
 * gets the rows of the last W again. A master is trusted once none of that work is left.
 */
export class OutboxDrainer {
  readonly #parts: DrainerParts;
  #feed: ReturnType<ChangeFeed['listen']> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #gathering: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #closed = false;
  #deleteAt = 0;
  readonly #halts: HaltNotices;

  constructor(parts: DrainerParts) {
    this.#parts = parts;
    this.#halts = new HaltNotices(parts.logger);
  }

  /** Looks once, then whenever something changes, until `close`. Resolves after the first look. */
  async start(): Promise<void> {
    this.#feed = this.#parts.feed.listen(() => this.#hear());
    await this.wake();
  }

  /** Looks now; a call while it looks makes it look once more. */
  wake(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
      this.#sleep();
    });
    return this.#running;
  }

  isListening(): boolean {
    return this.#feed?.isProven() ?? false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of [this.#timer, this.#gathering]) if (timer !== null) clearTimeout(timer);
    await Promise.all([this.#running, this.#feed?.close()]);
  }

  #hear(): void {
    if (this.#closed) return;
    this.#gathering ??= setTimeout(
      () => {
        this.#gathering = null;
        void this.wake();
      },
      GATHER * (1 + this.#parts.random()),
    ).unref();
  }

  async #work(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        await this.#look();
        this.#halts.tell(null);
      } catch (error) {
        this.#halts.tell(error);
      }
    }
  }

  async #look(): Promise<void> {
    const { masters, outbox, trust, whenBothAnswer } = this.#parts;
    await this.#deleteOld();
    const present = await masters.present();
    const known = trust.trustsAll(present);
    await this.#drain(known ? undefined : present);
    if (!known && !(await outbox.hasWork(present))) trust.trust(present);
    await whenBothAnswer();
  }

  async #drain(masters: readonly string[] | undefined): Promise<void> {
    const { monotonic, outbox } = this.#parts;
    let items: OutboxItem[];
    do {
      items = await outbox.claim(BATCH, masters);
      if (items.length === 0) return;
      const claimedAt = monotonic.now();
      // Named before the writes: a master that takes over meanwhile has not got them.
      const owners = this.#ownersOf(items);
      await this.#apply(items);
      this.#time(items, monotonic.now() - claimedAt);
      for (const [owner, ids] of owners) await outbox.mark(ids, owner);
    } while (items.length === BATCH && !this.#closed);
  }

  /** What fails is given back; where the outbox cannot be told either, the claim runs out by itself. */
  async #apply(items: readonly OutboxItem[]): Promise<void> {
    const { apply, outbox } = this.#parts;
    try {
      await apply(items);
    } catch (error) {
      await outbox.release(items.map(({ id }) => id)).catch(() => undefined);
      throw error;
    }
  }

  /** @param tookMs - Since their age was told. A master that gets them anew is no news. */
  #time(items: readonly OutboxItem[], tookMs: number): void {
    for (const { ageMs } of items) {
      if (ageMs === null) continue;
      this.#parts.metrics.time('session.propagation.duration', (ageMs + tookMs) / 1_000);
    }
  }

  #ownersOf(items: readonly OutboxItem[]): Map<string, number[]> {
    const owners = new Map<string, number[]>();
    for (const item of items) {
      const owner = this.#parts.masters.ownerOf(keyOf(item));
      if (owner === null) continue;
      owners.set(owner, [...(owners.get(owner) ?? []), item.id]);
    }
    return owners;
  }

  /** Also while the fast store is down: a day without it leaves W of rows. */
  async #deleteOld(): Promise<void> {
    const { monotonic, outbox } = this.#parts;
    if (monotonic.now() < this.#deleteAt) return;
    while ((await outbox.deleteOld(DELETE_BATCH)) === DELETE_BATCH && !this.#closed);
    this.#deleteAt = monotonic.now() + DELETE_EVERY;
  }

  #sleep(): void {
    if (this.#closed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    // Nobody tells when a store is back.
    const wait = this.isListening() && !this.#halts.halted ? POLL * PROVEN_FACTOR : POLL;
    this.#timer = setTimeout(() => void this.wake(), wait).unref();
  }
}

function keyOf({ key, kind, realm }: OutboxItem): string {
  return kind === 'user' ? userKey(key) : sessionKey(key, realm ?? undefined);
}
