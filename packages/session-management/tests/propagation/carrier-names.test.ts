import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryRecord } from './memory-record.ts';
import { CarrierProcess, elapse, LOOK, NOTICED } from './stage.ts';

let record: MemoryRecord;
let carrier: CarrierProcess;

beforeEach(() => {
  vi.useFakeTimers();
  record = new MemoryRecord();
  carrier = new CarrierProcess(record, 'one');
});

afterEach(async () => {
  await carrier.close();
  vi.useRealTimers();
});

const meets = (isAll: boolean, ...names: string[]): void => {
  carrier.present = { names, isAll };
};
const named = () => [...record.since.keys()].sort();

describe('the carrier names the masters of the fast store', () => {
  it('that it meets at its first look, from a second later on', async () => {
    const began = Date.now();
    await carrier.start();
    await elapse(0);
    expect([...record.since]).toEqual([['A', began + 1_000]]);
    expect(carrier.heard.sinceOf('A')).toBe(began + 1_000);
  });

  it('once, as long as they are the same', async () => {
    await carrier.start();
    await elapse(10_000);
    expect([record.counts('keepOnly'), record.counts('name')]).toEqual([1, 1]);
  });

  it('in two statements, the second sent after the first has committed', async () => {
    await carrier.start();
    await elapse(LOOK);
    let commit = (): void => undefined;
    record.before = (statement) =>
      statement === 'keepOnly' ? new Promise<void>((done) => (commit = done)) : undefined;
    meets(true, 'B');
    await elapse(2_000);
    expect([record.counts('keepOnly'), record.counts('name')]).toEqual([2, 1]);

    const atSending: string[][] = [];
    record.before = async (statement) => {
      if (statement === 'name') atSending.push(named());
    };
    commit();
    await elapse(0);
    expect(atSending).toEqual([[]]);
    expect([...record.since]).toEqual([['B', Date.now() + 1_000]]);
  });

  it('and leaves the instants of those that stay', async () => {
    await carrier.start();
    await elapse(5_000);
    const before = record.since.get('A');
    meets(true, 'A', 'B');
    await elapse(LOOK);
    expect(record.since.get('A')).toBe(before);
    expect(record.since.get('B')).toBe(Date.now() + 1_000);
  });

  it('takes no name away while some do not answer, and adds who is met', async () => {
    meets(true, 'A', 'B', 'C');
    await carrier.start();
    await elapse(LOOK);
    meets(false, 'A', 'B');
    await elapse(5_000);
    expect(named()).toEqual(['A', 'B', 'C']);
    meets(false, 'A', 'D');
    await elapse(LOOK);
    expect(named()).toEqual(['A', 'B', 'C', 'D']);
    meets(true, 'A', 'B', 'D');
    await elapse(LOOK);
    expect(named()).toEqual(['A', 'B', 'D']);
  });

  it('names again at a later look whom it could not name', async () => {
    await carrier.start();
    await elapse(LOOK);
    meets(true, 'B');
    carrier.failing.add('name');
    await elapse(LOOK);
    expect(named()).toEqual([]);
    carrier.failing.clear();
    await elapse(NOTICED);
    expect(named()).toEqual(['B']);
  });

  it('alone: a process without the lease names nobody', async () => {
    await carrier.start();
    await elapse(0);
    const other = new CarrierProcess(record, 'two');
    other.present = { names: ['X'], isAll: true };
    await other.start();
    await elapse(5_000);
    expect(named()).toEqual(['A']);
    await other.close();
  });
});

describe('a process that starts', () => {
  it('believes at once what the record says, waits for no carrier and no backlog', async () => {
    await carrier.start();
    await elapse(5_000);
    carrier.apply.mockImplementation(() => new Promise(() => undefined));
    for (let n = 0; n < 9_000; n += 1) record.write(`key-${n}`);
    await elapse(2 * LOOK);
    const other = new CarrierProcess(record, 'two');
    await other.start();
    expect(other.heard.sinceOf('A')).toBe(record.since.get('A'));
    carrier.kill();
    await other.close();
  });

  it('goes on where the record does not answer, believes nobody, and hears as soon as it does', async () => {
    record.isDown = true;
    await carrier.start();
    await elapse(1_000);
    expect(carrier.heard.sinceOf('A')).toBeNull();
    record.isDown = false;
    await elapse(NOTICED);
    expect(carrier.heard.sinceOf('A')).toBe(record.since.get('A'));
  });
});
