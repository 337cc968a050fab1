import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../src/policy/limits.ts';
import { MemoryRecord } from './memory-record.ts';
import { CarrierProcess, elapse, LOOK, NOTICED } from './stage.ts';

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

const tries = (key: string) => carrier.slices.filter((keys) => keys.includes(key)).length;

/** Nobody takes rows whose key begins so. */
const takesNo = (prefix: string) =>
  carrier.apply.mockImplementation(async (rows) =>
    rows.filter(({ key }) => !key.startsWith(prefix)).map((row) => ({ ...row, master: 'A' })),
  );

describe('what is left in the outbox', () => {
  it('is carried 200 ms after it was written, and no sooner', async () => {
    await elapse(LOOK / 2);
    record.write('a');
    await elapse(LOOK - 1);
    expect(carrier.carried).toEqual([]);
    await elapse(LOOK);
    expect(carrier.carried).toEqual(['a']);
    expect(record.keys).toEqual([]);
  });

  it('is nothing where the owner carries its own change within that time', async () => {
    record.write('a');
    await elapse(LOOK - 10);
    record.take('a');
    await elapse(1_000);
    expect(carrier.carried).toEqual([]);
  });

  it('is carried in slices of 200, ends first, the next when the one before was answered', async () => {
    for (let n = 0; n < 250; n += 1) record.write(`change-${n}`);
    for (let n = 0; n < 250; n += 1) record.write(`end-${n}`, { isEnd: true });
    record.latency = 1;
    await elapse(3 * LOOK);
    expect(carrier.slices.map(({ length }) => length)).toEqual([200, 200, 100]);
    expect(carrier.carried.slice(0, 250).every((key) => key.startsWith('end'))).toBe(true);
    const statements = record.sent.filter((name) => ['delete', 'look'].includes(name));
    expect(statements.join(' ')).toContain('look delete delete delete look');
  });

  it('is looked for anew while much is carried: an end that comes meanwhile goes before what waits', async () => {
    carrier.apply.mockImplementation(async (rows) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return rows.map((row) => ({ ...row, master: 'A' }));
    });
    for (let n = 0; n < 4_000; n += 1) record.write(`change-${n}`);
    await elapse(3 * LOOK);
    record.write('end', { isEnd: true });
    await elapse(1_000);
    expect(carrier.carried).toContain('end');
    expect(record.keys.length).toBeGreaterThan(1_000);
    await elapse(8_000);
    expect(record.keys).toEqual([]);
  });

  it('fails alone where it cannot be carried, is told of, and holds up no other', async () => {
    carrier.apply.mockImplementation(async (rows) => {
      if (rows.some(({ key }) => key === 'bad')) throw new TypeError('unreadable');
      return rows.map((row) => ({ ...row, master: 'A' }));
    });
    for (const key of ['a', 'bad', 'c', 'd', 'e']) record.write(key);
    await elapse(2 * LOOK);
    expect(record.keys).toEqual(['bad']);
    expect(carrier.told).toContain('session.propagation_failed');
  });

  it('is timed from its writing', async () => {
    record.write('a');
    await elapse(2 * LOOK);
    // At the second look: a hundred milliseconds after the first.
    expect(carrier.timed).toEqual([0.3]);
  });

  it('is tried again after 1 s, 2 s, 5 s and 5 s where its master does not answer, and holds up no other', async () => {
    takesNo('silent');
    record.write('silent');
    await elapse(LOOK);
    const at: number[] = [];
    for (let ms = 0; ms < 14_000; ms += LOOK) {
      if (tries('silent') > at.length) at.push(ms);
      record.write(`living-${ms}`);
      await elapse(LOOK);
    }
    const first = at[0] ?? Number.NaN;
    expect(at.map((ms) => ms - first)).toEqual([0, 1_000, 3_000, 8_000, 13_000]);
    await elapse(LOOK);
    expect(record.keys).toEqual(['silent']);
  });

  it('is given up when it has been tried for W, not before', async () => {
    takesNo('silent');
    record.write('silent');
    await elapse(LIMITS.W);
    expect(record.keys).toEqual(['silent']);
    await elapse(6_000);
    expect(record.keys).toEqual([]);
    const tried = tries('silent');
    await elapse(20_000);
    expect(tries('silent')).toBe(tried);
  });

  it('stays and is tried again where it was taken by a master that is not named any more', async () => {
    carrier.apply.mockImplementation(async (rows) =>
      rows.map((row) => ({ ...row, master: 'of before' })),
    );
    record.write('a');
    await elapse(3 * LOOK);
    expect([record.keys, tries('a')]).toEqual([['a'], 1]);
    carrier.apply.mockImplementation(async (rows) => rows.map((row) => ({ ...row, master: 'A' })));
    await elapse(1_000);
    expect([record.keys, tries('a')]).toEqual([[], 2]);
  });

  it('is read again in full when a look has failed: numbers may have been given out again', async () => {
    for (let n = 0; n < 5; n += 1) record.write(`lost-${n}`);
    await elapse(3 * LOOK);
    record.isDown = true;
    await elapse(LOOK);
    record.isDown = false;
    record.countFrom(1);
    // By the next look they are past those of before.
    for (let n = 0; n < 9; n += 1) record.write(`new-${n}`);
    await elapse(3 * LOOK);
    expect(carrier.carried.slice(5)).toEqual(Array.from({ length: 9 }, (_, n) => `new-${n}`));
  });

  it('is read again in full when numbers go back though nothing failed', async () => {
    for (let n = 0; n < 5; n += 1) record.write(`key-${n}`);
    await elapse(3 * LOOK);
    record.countFrom(1);
    record.write('low');
    await elapse(4 * LOOK);
    expect(carrier.carried).toContain('low');
  });

  it('of a dead carrier is carried by the next', async () => {
    const next = new CarrierProcess(record, 'two');
    await next.start();
    carrier.apply.mockImplementation(() => new Promise(() => undefined));
    record.write('a');
    await elapse(2 * LOOK);
    expect(carrier.carried).toEqual(['a']);
    carrier.kill();
    await elapse(3_000 + NOTICED);
    expect(next.carried).toEqual(['a']);
    expect(record.keys).toEqual([]);
    await next.close();
  });
});

describe('ends that the record could not take', () => {
  it('are looked for once a second', async () => {
    const before = carrier.intents.mock.calls.length;
    await elapse(10_000);
    expect(carrier.intents.mock.calls.length - before).toBe(10);
  });

  it('are looked for as often while there is always something to carry', async () => {
    const before = carrier.intents.mock.calls.length;
    for (let ms = 0; ms < 10_000; ms += 50) {
      record.write(`key-${ms}`);
      await elapse(50);
    }
    expect(carrier.intents.mock.calls.length - before).toBe(10);
  });
});

it('who closes ends after the slice under way', async () => {
  for (let n = 0; n < 500; n += 1) record.write(`key-${n}`);
  let finish = (): void => undefined;
  carrier.apply.mockImplementation(
    (rows) =>
      new Promise((done) => {
        finish = () => done(rows.map((row) => ({ ...row, master: 'A' })));
      }),
  );
  await elapse(2 * LOOK);
  const closed = carrier.close();
  finish();
  await closed;
  expect(carrier.slices).toHaveLength(1);
  expect(record.keys).toHaveLength(300);
});
