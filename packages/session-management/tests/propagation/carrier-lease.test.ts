import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryRecord } from './memory-record.ts';
import { CarrierProcess, elapse, LOOK, NOTICED } from './stage.ts';

const MASTERS = { names: ['A'], isAll: true };
const HALTED = 'session.propagation_halted';
const RESUMED = 'session.propagation_resumed';

let record: MemoryRecord;
let one: CarrierProcess;
let two: CarrierProcess;

beforeEach(async () => {
  vi.useFakeTimers();
  record = new MemoryRecord();
  [one, two] = [new CarrierProcess(record, 'one'), new CarrierProcess(record, 'two')];
  await one.start();
  await two.start();
  await elapse(NOTICED);
});

afterEach(async () => {
  await Promise.all([one.close(), two.close()]);
  vi.useRealTimers();
});

/** Who carries a row that is written now, within this time. */
async function carriersOf(key: string, within = 2 * LOOK): Promise<string[]> {
  record.write(key);
  await elapse(within);
  return Object.entries({ one, two }).flatMap(([name, { carried }]) =>
    carried.includes(key) ? [name] : [],
  );
}

describe('the lease of the carrier', () => {
  it('is held by one process; another asks for nothing but who holds it', async () => {
    expect(await carriersOf('a')).toEqual(['one']);
    const [looks, takes] = [record.counts('look'), record.counts('take')];
    await elapse(10 * LOOK);
    expect(record.counts('look') - looks).toBe(10);
    expect(record.counts('take')).toBe(takes);
    expect(two.told).toEqual([]);
  });

  it('is renewed once a second while looks work', async () => {
    const renewals = record.counts('renew');
    await elapse(10_000);
    expect(record.counts('renew') - renewals).toBe(10);
    expect(record.lease.until).toBeGreaterThan(Date.now() + 1_500);
  });

  it('goes to another when its holder has died, once it is over and no sooner', async () => {
    one.kill();
    const { until } = record.lease;
    await elapse(until - Date.now());
    expect(record.lease.owner).toBe('one');
    await elapse(NOTICED);
    expect(record.lease.owner).toBe('two');
    expect(await carriersOf('a')).toEqual(['two']);
  });

  it('is left to others on close', async () => {
    await one.close();
    expect(record.lease.until).toBeLessThanOrEqual(Date.now());
    await elapse(NOTICED);
    expect(await carriersOf('a')).toEqual(['two']);
  });

  it('is given up by who does not reach the fast store, and not taken by who does not', async () => {
    one.present = null;
    await elapse(LOOK + NOTICED);
    expect(await carriersOf('a')).toEqual(['two']);
    await two.close();
    await elapse(10_000);
    expect(await carriersOf('b', 1_000)).toEqual([]);
    one.present = MASTERS;
    await elapse(NOTICED);
    expect(await carriersOf('c')).toEqual(['one']);
  });

  it('is given up by who looks more than a second late', async () => {
    one.lag += 1_100;
    await elapse(LOOK);
    expect(record.lease.until).toBeLessThanOrEqual(Date.now());
  });

  it('is kept by who is up to a second late', async () => {
    for (let n = 0; n < 10; n += 1) {
      one.lag += 900;
      await elapse(LOOK);
    }
    expect(record.lease.owner).toBe('one');
    expect(record.counts('release')).toBe(0);
  });

  it('that cannot be renewed keeps nobody from carrying until another holds it', async () => {
    one.failing.add('renew');
    await elapse(1_000);
    expect(await carriersOf('a', 1_000)).toEqual(['one']);
    await elapse(3_000);
    expect(record.lease.owner).toBe('two');
    one.failing.clear();
    await elapse(1_000);
    expect(await carriersOf('b')).toEqual(['two']);
  });
});

describe('a halt of propagation', () => {
  it.each([0, 1, 2, 3, 4])('is told once, and its end once (%i looks later)', async (looks) => {
    await two.close();
    await elapse(looks * LOOK + 50);
    one.present = null;
    await elapse(20_000);
    expect(one.told).toEqual([HALTED]);
    one.present = MASTERS;
    await elapse(NOTICED);
    expect(one.told).toEqual([HALTED, RESUMED]);
  });

  it('is over where another carries', async () => {
    one.present = null;
    await elapse(LOOK + 2 * NOTICED);
    expect(record.lease.owner).toBe('two');
    expect(one.told).toEqual([HALTED, RESUMED]);
    expect(two.told).toEqual([]);
  });

  it('that the record brings about is told by who carries', async () => {
    record.isDown = true;
    await elapse(20_000);
    expect(one.told).toEqual([HALTED]);
    record.isDown = false;
    await elapse(5_000);
    expect(one.told).toEqual([HALTED, RESUMED]);
    expect(two.told).toEqual([]);
  });
});

it('a closed carrier leaves no timer behind', async () => {
  await Promise.all([one.close(), two.close()]);
  expect(vi.getTimerCount()).toBe(0);
});
