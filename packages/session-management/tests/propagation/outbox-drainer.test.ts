import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutboxDrainer } from '../../src/propagation/outbox-drainer.ts';
import { TrustedMasters } from '../../src/tiers/trusted-masters.ts';
import {
  type Outbox,
  type OutboxItem,
  SessionStoreUnavailableError,
} from '../../src/types/index.ts';

/** An outbox in memory: which row each master has got. */
class Rows implements Outbox {
  readonly items: OutboxItem[] = [];
  readonly marks = new Map<number, string>();
  readonly claimed = new Set<number>();
  old = 0;

  add(key: string): void {
    const id = this.items.length + 1;
    this.items.push({ id, kind: 'session', key, realm: 'web', ageMs: 250 });
  }

  claim = async (limit: number, masters?: readonly string[]): Promise<OutboxItem[]> => {
    const due = this.items.filter(({ id }) => this.#isWork(id, masters) && !this.claimed.has(id));
    const chosen = due.slice(0, limit);
    for (const { id } of chosen) this.claimed.add(id);
    return chosen.map((item) => (this.marks.has(item.id) ? { ...item, ageMs: null } : item));
  };

  mark = async (ids: readonly number[], master: string): Promise<void> => {
    for (const id of ids) {
      this.marks.set(id, master);
      this.claimed.delete(id);
    }
  };

  release = async (ids: readonly number[]): Promise<void> => {
    for (const id of ids) this.claimed.delete(id);
  };

  hasWork = async (masters: readonly string[]): Promise<boolean> =>
    this.items.some(({ id }) => this.#isWork(id, masters));

  depth = async (): Promise<number> => this.items.filter(({ id }) => !this.marks.has(id)).length;

  deleteOld = async (): Promise<number> => {
    const deleted = Math.min(this.old, 1_000);
    this.old -= deleted;
    return deleted;
  };

  #isWork(id: number, masters: readonly string[] | undefined): boolean {
    const mark = this.marks.get(id);
    return mark === undefined || (masters !== undefined && !masters.includes(mark));
  }
}

let rows: Rows;
let master: string | null;
let trust: TrustedMasters;
let apply = vi.fn<(items: readonly OutboxItem[]) => Promise<void>>();
let warn = vi.fn();
let timed: number[];
let proven: boolean;
let onChange: () => void;
let drainer: OutboxDrainer;

const isTrusted = () => trust.ownerOf('any') !== null;
const applied = () => apply.mock.calls.flatMap(([items]) => items.map(({ key }) => key));

beforeEach(() => {
  vi.useFakeTimers();
  rows = new Rows();
  master = 'first';
  proven = false;
  apply = vi.fn(async () => undefined);
  warn = vi.fn();
  timed = [];
  const masters = {
    present: async () => {
      if (master === null) throw new SessionStoreUnavailableError('redis', 'masters');
      return [master];
    },
    ownerOf: () => master,
  };
  trust = new TrustedMasters(masters);
  drainer = new OutboxDrainer({
    outbox: rows,
    feed: {
      listen: (heard) => {
        onChange = heard;
        return { close: async () => undefined, isProven: () => proven };
      },
    },
    masters,
    trust,
    apply,
    whenBothAnswer: async () => undefined,
    monotonic: { now: () => performance.now() },
    random: () => 0.5,
    logger: { debug: () => undefined, info: () => undefined, warn, error: warn },
    metrics: { count: () => undefined, time: (_name, seconds) => timed.push(seconds) },
  });
});

afterEach(async () => {
  await drainer.close();
  vi.useRealTimers();
});

describe('propagation', () => {
  it('carries out what waits, marks it, and only then trusts the master', async () => {
    rows.add('a');
    let trustedWhile: boolean | null = null;
    apply.mockImplementation(async () => {
      trustedWhile = isTrusted();
    });
    await drainer.start();
    expect(applied()).toEqual(['a']);
    expect(trustedWhile).toBe(false);
    expect(isTrusted()).toBe(true);
    expect(await rows.depth()).toBe(0);
  });

  it('times a change from its commit, and not again for another master', async () => {
    rows.add('a');
    apply.mockImplementation(async () => void (await vi.advanceTimersByTimeAsync(50)));
    await drainer.start();
    expect(timed).toEqual([0.3]);
    master = 'second';
    await vi.advanceTimersByTimeAsync(350);
    await drainer.close();
    expect(applied()).toEqual(['a', 'a']);
    expect(isTrusted()).toBe(true);
    expect(timed).toHaveLength(1);
  });

  it('does not trust a master while another process still carries out what it claimed', async () => {
    rows.add('a');
    rows.claimed.add(1);
    await drainer.start();
    expect(isTrusted()).toBe(false);
    await rows.mark([1], 'first');
    await vi.advanceTimersByTimeAsync(300);
    expect(isTrusted()).toBe(true);
  });

  it('gives a restarted or promoted master the rows again before it is trusted', async () => {
    rows.add('a');
    await drainer.start();
    master = 'second';
    expect(isTrusted()).toBe(false);
    await vi.advanceTimersByTimeAsync(300);
    expect(applied()).toEqual(['a', 'a']);
    expect(isTrusted()).toBe(true);
    master = 'first';
    expect(isTrusted()).toBe(false);
  });

  it('keeps its trust while the record or the fast store cannot be asked', async () => {
    await drainer.start();
    master = null;
    await vi.advanceTimersByTimeAsync(1_000);
    master = 'first';
    expect(isTrusted()).toBe(true);
  });

  it('carries out again what could not be written, and tells of it once', async () => {
    await drainer.start();
    rows.add('a');
    apply.mockRejectedValue(new SessionStoreUnavailableError('redis', 'end'));
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await rows.depth()).toBe(1);
    expect(warn).toHaveBeenCalledTimes(1);
    apply.mockResolvedValue();
    await vi.advanceTimersByTimeAsync(300);
    expect(await rows.depth()).toBe(0);
  });

  it('looks when it hears of a change, polls each 300 ms, and ten times rarer while the feed is proven', async () => {
    proven = true;
    await drainer.start();
    rows.add('heard');
    onChange();
    await vi.advanceTimersByTimeAsync(30);
    expect(applied()).toEqual(['heard']);
    rows.add('not heard');
    await vi.advanceTimersByTimeAsync(2_900);
    expect(applied()).toEqual(['heard']);
    await vi.advanceTimersByTimeAsync(200);
    expect(applied()).toEqual(['heard', 'not heard']);
    proven = false;
    await vi.advanceTimersByTimeAsync(3_000);
    rows.add('polled');
    await vi.advanceTimersByTimeAsync(300);
    expect(applied()).toContain('polled');
  });

  it('carries out in one go what it hears of within a moment', async () => {
    await drainer.start();
    for (const key of ['a', 'b', 'c']) {
      rows.add(key);
      onChange();
      await vi.advanceTimersByTimeAsync(5);
    }
    await vi.advanceTimersByTimeAsync(20);
    expect(apply.mock.calls.map(([items]) => items.length)).toEqual([3]);
  });

  it('carries out all that waits, however much', async () => {
    for (let count = 0; count < 450; count += 1) rows.add(`key-${count}`);
    await drainer.start();
    expect(apply.mock.calls.map(([items]) => items.length)).toEqual([200, 200, 50]);
    expect(await rows.depth()).toBe(0);
  });

  it('deletes old rows also while the fast store is down', async () => {
    master = null;
    rows.old = 2_500;
    await drainer.start();
    expect(rows.old).toBe(0);
  });

  it('ends its timers', async () => {
    await drainer.start();
    onChange();
    await drainer.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
