import type {
  MasterNames,
  MasterNews,
  MasterTrust,
  MonotonicClock,
  StoreClock,
} from '../types/index.ts';

/** Between two questions, in milliseconds. */
const ASK_EVERY = 500;
/** How long what was heard stands while nothing else is, in milliseconds. */
const HEARD_FOR = 2_000;
/** The wall clock runs ahead of the steady one by so much: the machine was asleep. In milliseconds. */
const SLEPT = 1_000;

export interface HearingParts {
  names: Pick<MasterNames, 'hear'>;
  clock: StoreClock;
  monotonic: MonotonicClock;
  wall: { now(): number };
  /** What was believed before is not any more. */
  onDoubt(): void;
  /** The record answers. */
  onHeard(): void;
}

/**
 * Which masters of the fast store count, as this process last heard from the record.
 *
 * What was heard stands for 2 s; where the record does not answer, what had been heard within 2 s before
 * the first question that it left unanswered. A process that has heard nothing by then, that was
 * stopped or slept, believes no master: it may have missed a failover.
 */
export class HeardMasters implements MasterTrust {
  readonly #parts: HearingParts;
  #news: MasterNews | null = null;
  /** Monotonic instants. */
  #heardAt = Number.NEGATIVE_INFINITY;
  #unansweredSince: number | null = null;
  #tickedAt: number;
  /** Wall clock minus steady clock. */
  #offset: number;
  #asking: Promise<void> | null = null;
  /** How often everything was forgotten: what was asked before says nothing. */
  #forgotten = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: HearingParts) {
    this.#parts = parts;
    this.#tickedAt = parts.monotonic.now();
    this.#offset = parts.wall.now() - this.#tickedAt;
  }

  /** Since when this master counts; `null`: it does not, as far as this process knows. */
  sinceOf(master: string): number | null {
    return this.news?.since.get(master) ?? null;
  }

  /** What was heard, as long as it stands. */
  get news(): MasterNews | null {
    const { monotonic, wall } = this.#parts;
    const now = monotonic.now();
    const stands =
      now - this.#tickedAt <= HEARD_FOR &&
      wall.now() - now - this.#offset <= SLEPT &&
      (this.#unansweredSince ?? now) - this.#heardAt <= HEARD_FOR;
    return stands ? this.#news : null;
  }

  /** Asks now, and then twice a second until `close`. */
  async start(): Promise<void> {
    this.#tickedAt = this.#parts.monotonic.now();
    this.#offset = this.#parts.wall.now() - this.#tickedAt;
    this.#timer = setInterval(() => this.#tick(), ASK_EVERY).unref();
    await this.hear();
  }

  /** Asks the record, by a question sent from now on. What keeps it from answering is no error here. */
  async hear(): Promise<void> {
    await this.#asking;
    await this.#share();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #tick(): void {
    const { monotonic, wall } = this.#parts;
    const now = monotonic.now();
    const offset = wall.now() - now;
    if (now - this.#tickedAt > HEARD_FOR || offset - this.#offset > SLEPT) this.#forget();
    this.#tickedAt = now;
    this.#offset = offset;
    void this.#share();
  }

  /** One question at a time. */
  #share(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  #forget(): void {
    this.#heardAt = Number.NEGATIVE_INFINITY;
    this.#forgotten += 1;
    this.#parts.onDoubt();
  }

  async #ask(): Promise<void> {
    const { clock, monotonic, names, onDoubt, onHeard } = this.#parts;
    const sentAt = monotonic.now();
    const forgotten = this.#forgotten;
    this.#unansweredSince ??= sentAt;
    let news: MasterNews;
    try {
      news = await names.hear();
    } catch {
      // Requests meet the same and tell of it; what was heard before stands or falls by its time.
      return;
    }
    this.#unansweredSince = null;
    if (forgotten !== this.#forgotten) return;
    clock.observe(news.now, sentAt);
    const before = this.#news;
    this.#news = news;
    this.#heardAt = sentAt;
    if (before !== null && isDoubted(before, news)) onDoubt();
    onHeard();
  }
}

/** Whether a master counts no more, or from later on than before. */
function isDoubted(before: MasterNews, { since }: MasterNews): boolean {
  return [...before.since].some(([master, instant]) => instant !== since.get(master));
}
