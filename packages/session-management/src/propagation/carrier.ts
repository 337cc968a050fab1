import type {
  FastStoreMasters,
  Logger,
  MasterNames,
  MasterNews,
  MetricSink,
  MonotonicClock,
  Outbox,
  OutboxPlace,
  OutboxRow,
} from '../types/index.ts';
import { applyApart } from './apply-apart.ts';
import type { CarriedRow } from './apply-changes.ts';
import { HaltNotices } from './halt-notices.ts';
import { CarrierLease } from './lease.ts';
import { LeftRows } from './left-rows.ts';
import { nameMasters } from './name-masters.ts';

/** Between two looks, in milliseconds. */
const LOOK_EVERY = 200;
/** A look that begins so late is of a process that cannot carry, in milliseconds. */
const LATE = 1_000;
/** Rows that are carried one by one: where more wait, whatever was confirmed before is not believed. */
const MOST = 10_000;
/** Rows in one go, carried and deleted: the next when these are answered. */
const SLICE = 200;
const DELETE_SLICE = 2_000;
/** Longest work between two looks, in milliseconds: an end that comes meanwhile goes first. */
const LONGEST = 400;
/** Between two looks for ends that the record could not take, in milliseconds. */
const INTENTS_EVERY = 1_000;

export interface CarrierParts {
  /** How this process is called, for people too. */
  owner: string;
  outbox: Outbox;
  names: MasterNames;
  heard: { readonly news: MasterNews | null; hear(): Promise<void> };
  masters: FastStoreMasters;
  /** Brings what rows name to the present state in the fast store; those that a master has taken. */
  apply(rows: readonly OutboxRow[]): Promise<CarriedRow[]>;
  /** Ends that could not be recorded when they were asked for. */
  whenBothAnswer(): Promise<void>;
  monotonic: MonotonicClock;
  logger: Logger;
  metrics: MetricSink;
}

/**
 * Carries to the fast store what whoever changed it could not: a process that died, a statement typed
 * into psql, a fast store that was away. One process at a time does it, by a lease of 3 s in the record.
 *
 * It alone says which masters count: those that it meets. Two carriers for a moment harm nothing.
 */
export class Carrier {
  readonly #parts: CarrierParts;
  readonly #lease: CarrierLease;
  readonly #left = new LeftRows();
  readonly #halts: HaltNotices;
  #place: OutboxPlace | null = null;
  /** What a look to here could see is to be deleted: nothing that was confirmed before is believed any more. */
  #doubted: OutboxPlace | null = null;
  #intentsAt = 0;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: CarrierParts) {
    this.#parts = parts;
    this.#lease = new CarrierLease(parts.names, parts.owner, parts.monotonic);
    this.#halts = new HaltNotices(parts.logger);
  }

  /** Looks now, then every 200 ms until `close`. Nobody waits for it. */
  start(): void {
    this.#running = this.#turn(false);
  }

  /** Ends after the slice under way, and leaves the lease to others. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
    await this.#lease.leave();
  }

  async #turn(isLate: boolean): Promise<void> {
    try {
      if (isLate) await this.#lease.leave();
      else if (await this.#look()) this.#halts.tell(null);
    } catch (error) {
      // After a failover the record may give out the numbers of lost transactions again.
      this.#place = this.#doubted;
      this.#halts.tell(error);
    }
    this.#sleep();
  }

  #sleep(): void {
    if (this.#closed) return;
    const { monotonic } = this.#parts;
    const dueAt = monotonic.now() + LOOK_EVERY;
    this.#timer = setTimeout(() => {
      this.#running = this.#turn(monotonic.now() - dueAt > LATE);
    }, LOOK_EVERY).unref();
  }

  /** Whether somebody carries, as far as this process knows. */
  async #look(): Promise<boolean> {
    const { heard, masters, monotonic, names, owner, whenBothAnswer } = this.#parts;
    if (!this.#lease.isHeld && heard.news?.carrier !== null) {
      return (heard.news?.carrier ?? owner) !== owner;
    }

    const present = await masters.present().catch(async (error: unknown) => {
      await this.#lease.leave();
      throw error;
    });
    if (!this.#lease.isHeld) {
      if (!(await this.#lease.take(present))) return false;
      this.#begin();
    }
    const named = heard.news?.since;
    if (named !== undefined && (await nameMasters(names, owner, named, present))) {
      await heard.hear();
    }
    await this.#carry();
    await this.#lease.renew();
    if (monotonic.now() < this.#intentsAt) return true;
    this.#intentsAt = monotonic.now() + INTENTS_EVERY;
    await whenBothAnswer();
    return true;
  }

  #begin(): void {
    this.#place = null;
    this.#doubted = null;
    this.#left.clear();
  }

  async #carry(): Promise<void> {
    const { monotonic, outbox } = this.#parts;
    await this.#deleteDoubted();
    const due = this.#left.due(monotonic.now());
    const { place, rows } = await outbox.look(this.#place, due, MOST + 1);
    const fresh = rows.filter((row) => !this.#left.knows(row));
    if (this.#left.size + fresh.length > MOST) return await this.#doubtAll(place);

    // Numbers that go back are those of lost transactions: all there is, at the next look.
    const isBack = this.#place !== null && BigInt(place.from) < BigInt(this.#place.from);
    this.#place = isBack ? null : place;
    for (const row of fresh) this.#left.see(row, monotonic.now());
    const found = new Set(rows.map(({ id }) => id));
    for (const row of due) if (!found.has(row.id)) this.#left.forget(row);
    await this.#carryDue(rows);
  }

  async #carryDue(rows: readonly OutboxRow[]): Promise<void> {
    const names = new Set(this.#left.due(this.#parts.monotonic.now()).map(({ id }) => id));
    const due = rows.filter(({ id }) => names.has(id));
    due.sort((a, b) => Number(b.isEnd) - Number(a.isEnd));
    const goesOn = this.#forAWhile();
    while (due.length > 0 && goesOn()) {
      await this.#carrySlice(due.splice(0, SLICE));
      await this.#lease.renew();
    }
  }

  async #carrySlice(rows: readonly OutboxRow[]): Promise<void> {
    const { apply, metrics, monotonic, outbox } = this.#parts;
    const readAt = monotonic.now();
    const done = await outbox.delete(await applyApart(apply, rows, this.#parts.logger));
    const now = monotonic.now();
    for (const row of rows.filter(({ id }) => done.has(id))) {
      this.#left.forget(row);
      metrics.time('session.propagation.duration', (row.ageMs + now - readAt) / 1_000);
    }
    const others = rows.filter(({ id }) => !done.has(id));
    const hopeless = others.filter((row) => !this.#left.failed(row, now));
    await outbox.giveUp(hopeless);
    for (const row of hopeless) this.#left.forget(row);
  }

  /** What is left when it ends is due at the next look. */
  #forAWhile(): () => boolean {
    const { monotonic } = this.#parts;
    const until = monotonic.now() + LONGEST;
    return () => !this.#closed && this.#lease.isHeld && monotonic.now() < until;
  }

  /** Too many to be carried: nothing that was confirmed before is believed, so nobody need hear of them. */
  async #doubtAll(place: OutboxPlace): Promise<void> {
    const { heard, names, owner } = this.#parts;
    if (!(await names.raise(owner))) return;
    this.#place = place;
    this.#doubted = place;
    this.#left.clear();
    await heard.hear();
    await this.#deleteDoubted();
  }

  async #deleteDoubted(): Promise<void> {
    const goesOn = this.#forAWhile();
    while (this.#doubted !== null && goesOn()) {
      const deleted = await this.#parts.outbox.deleteSeen(this.#doubted, DELETE_SLICE);
      if (deleted === 0) this.#doubted = null;
      await this.#lease.renew();
    }
  }
}
