import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryRecord } from './memory-record.ts';
import { CarrierProcess, elapse, LOOK, NOTICED } from './stage.ts';

const MOST = 10_000;

let record: MemoryRecord;
let carrier: CarrierProcess;

beforeEach(async () => {
  vi.useFakeTimers();
  record = new MemoryRecord();
  carrier = new CarrierProcess(record, 'one');
  await carrier.start();
  await elapse(NOTICED);
});

afterEach(async () => {
  // What is under way takes its time.
  await Promise.all([carrier.close(), elapse(1_000)]);
  vi.useRealTimers();
});

const flood = (count: number) => {
  for (let n = 0; n < count; n += 1) record.write(`key-${n}`);
};

describe('more than can be carried', () => {
  it('is not carried one by one: whatever was confirmed before is not believed, then the rows go', async () => {
    flood(MOST + 1);
    record.sent.length = 0;
    await elapse(LOOK);
    expect(record.since.get('A')).toBeGreaterThan(Date.now());
    expect(carrier.heard.sinceOf('A')).toBe(record.since.get('A'));
    expect(carrier.onDoubt).toHaveBeenCalled();
    expect(record.keys).toEqual([]);
    expect(carrier.carried).toEqual([]);
    expect(record.sent.indexOf('raise')).toBeLessThan(record.sent.indexOf('deleteSeen'));
    expect(record.counts('raise')).toBe(1);
  });

  it('does not take with it what is written after it was seen', async () => {
    flood(MOST + 1);
    record.before = async (statement) => {
      if (statement === 'raise') record.write('after');
    };
    await elapse(LOOK);
    expect(record.keys).toEqual(['after']);
    await elapse(2 * LOOK);
    expect(carrier.carried).toEqual(['after']);
  });

  it('begins where 10,000 end: as many are carried', async () => {
    flood(MOST);
    await elapse(3 * LOOK);
    expect(record.counts('raise')).toBe(0);
    expect(new Set(carrier.carried).size).toBe(MOST);
    expect(record.keys).toEqual([]);
  });

  it('counts what is left of before', async () => {
    carrier.apply.mockResolvedValue([]);
    flood(MOST - 1_000);
    await elapse(2 * LOOK);
    expect(record.counts('raise')).toBe(0);
    for (let n = 0; n < 1_001; n += 1) record.write(`more-${n}`);
    await elapse(LOOK);
    expect(record.counts('raise')).toBe(1);
    expect(record.keys).toEqual([]);
  });

  it('stays where it is while the lease is gone: nothing is raised, so nothing is deleted', async () => {
    record.lease = { owner: 'another', until: Date.now() + 60_000 };
    carrier.failing.add('renew');
    flood(MOST + 1);
    const before = record.since.get('A');
    await elapse(3 * LOOK);
    expect(record.counts('raise')).toBeGreaterThan(0);
    expect(record.since.get('A')).toBe(before);
    expect(record.keys).toHaveLength(MOST + 1);
  });

  it('goes on being deleted after a failure, and is not raised again for it', async () => {
    flood(MOST + 1);
    carrier.failing.add('deleteSeen');
    await elapse(LOOK);
    expect(record.keys).toHaveLength(MOST + 1);
    carrier.failing.clear();
    await elapse(2 * LOOK);
    expect(record.keys).toEqual([]);
    expect(record.counts('raise')).toBe(1);
  });
});

describe('at 2,000 changes a second', () => {
  /** Every second of them is left by its owner; statements take 5 ms, a slice 10. */
  async function load(seconds: number, during: (ms: number) => void = () => undefined) {
    record.latency = 5;
    const carry = carrier.apply.getMockImplementation();
    carrier.apply.mockImplementation(async (rows) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return (await carry?.(rows)) ?? [];
    });
    for (let ms = 0; ms < seconds * 1_000; ms += 10) {
      for (let n = 0; n < 20; n += 1) record.write(`${n % 2 ? 'left' : 'own'}-${ms}`);
      record.take(`own-${ms - 50}`);
      during(ms);
      await elapse(10);
    }
  }

  it('a new master counts within five seconds of a failover, for this process and a new one', async () => {
    const FAILOVER = 3_000;
    let countsAt: number | null = null;
    await load(9, (ms) => {
      if (ms === FAILOVER) carrier.present = { names: ['B'], isAll: true };
      if ((carrier.heard.sinceOf('B') ?? Infinity) <= Date.now()) countsAt ??= ms;
    });
    expect((countsAt ?? Infinity) - FAILOVER).toBeLessThanOrEqual(5_000);
    expect(record.counts('raise')).toBe(0);

    const fresh = new CarrierProcess(record, 'two');
    void fresh.start();
    await elapse(100);
    expect(fresh.heard.sinceOf('B')).toBeLessThanOrEqual(Date.now());
    await fresh.close();
  });

  it('nothing is left for longer than a second', async () => {
    await load(5);
    expect(carrier.timed.length).toBeGreaterThan(4_000);
    expect(Math.max(...carrier.timed)).toBeLessThanOrEqual(1);
  });
});
