import { vi } from 'vitest';
import type { CarriedRow } from '../../src/propagation/apply-changes.ts';
import { Carrier } from '../../src/propagation/carrier.ts';
import { HeardMasters } from '../../src/propagation/heard-masters.ts';
import {
  type MasterNames,
  type Outbox,
  type OutboxRow,
  type PresentMasters,
  SessionStoreUnavailableError,
} from '../../src/types/index.ts';
import type { MemoryRecord } from './memory-record.ts';

/** Between two looks of a carrier, and of a process at what the record says of the masters, in milliseconds. */
export const LOOK = 200;
export const HEAR = 500;
/** Until a process has heard that nobody carries, and has looked itself. */
export const NOTICED = HEAR + LOOK;

export const elapse = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** One process on a record in memory and a fast store that the test plays. */
export class CarrierProcess {
  present: PresentMasters | null = { names: ['A'], isAll: true };
  /** Carries a slice: who took each of its rows. */
  readonly apply = vi.fn(
    async (rows: readonly OutboxRow[]): Promise<CarriedRow[]> =>
      rows.map((row) => ({ ...row, master: this.present?.names[0] ?? 'none' })),
  );
  readonly intents = vi.fn(async () => undefined);
  readonly onDoubt = vi.fn();
  readonly told: string[] = [];
  readonly timed: number[] = [];
  /** By how much this process is late. */
  lag = 0;
  /** Statements that fail here. */
  readonly failing = new Set<string>();
  readonly heard: HeardMasters;
  readonly carrier: Carrier;
  #isDead = false;

  constructor(record: MemoryRecord, owner: string) {
    const outbox = this.#mine<Outbox>(record.outbox);
    const names = this.#mine<MasterNames>(record.names);
    this.heard = new HeardMasters({
      names,
      clock: { now: () => Date.now(), at: (now) => now, observe: () => undefined },
      monotonic: { now: () => performance.now() },
      wall: { now: () => Date.now() },
      onDoubt: this.onDoubt,
      onHeard: () => undefined,
    });
    const tell = (message: string): void => void this.told.push(message);
    this.carrier = new Carrier({
      owner,
      outbox,
      names,
      heard: this.heard,
      masters: { present: async () => this.#presentNow(), ownerOf: () => null },
      apply: this.apply,
      whenBothAnswer: this.intents,
      monotonic: { now: () => performance.now() + this.lag },
      logger: { debug: tell, info: tell, warn: tell, error: tell },
      metrics: { count: () => undefined, time: (_name, seconds) => this.timed.push(seconds) },
    });
  }

  async start(): Promise<void> {
    await this.heard.start();
    this.carrier.start();
  }

  async close(): Promise<void> {
    this.heard.close();
    if (!this.#isDead) await this.carrier.close();
  }

  /** As by `kill -9`: nothing that it does reaches anybody any more. */
  kill(): void {
    this.#isDead = true;
    this.heard.close();
  }

  /** The keys that it has carried, slice by slice. */
  get slices(): string[][] {
    return this.apply.mock.calls.map(([rows]) => rows.map(({ key }) => key));
  }

  get carried(): string[] {
    return this.slices.flat();
  }

  #presentNow(): PresentMasters {
    if (this.present === null) throw new SessionStoreUnavailableError('redis', 'masters');
    return this.present;
  }

  #mine<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (this.#isDead) return () => new Promise(() => undefined);
        if (!this.failing.has(String(name))) return method;
        return () => Promise.reject(new SessionStoreUnavailableError('postgres', String(name)));
      },
    });
  }
}
