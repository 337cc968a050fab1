import { beforeEach, describe, expect, it } from 'vitest';
import { type Process, World } from './two-processes.ts';

let world: World;
let a: Process;
let userId: string;

beforeEach(async () => {
  world = new World();
  a = world.process();
  userId = await world.user();
  await a.logIn(userId);
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The series of one metric that this process has counted, by the values of its attributes. */
function counted({ tally }: Process, metric: string): Record<string, number> {
  const series = tally.counters().filter(({ name }) => name === metric);
  return Object.fromEntries(series.map(({ value, values }) => [values.join(' '), value]));
}

describe('each lookup is counted once', () => {
  it('by the tier that answered and by what it said', async () => {
    await a.find();
    await a.find('never-there');
    await a.find('never-there');
    await a.find(undefined, true);
    await a.end();
    await a.find();
    expect(counted(a, 'session.lookups')).toEqual({
      'fast active': 1,
      'record unknown': 1,
      'memory unknown': 1,
      'record active': 1,
      'memory revoked': 1,
    });
  });

  it('by the tombstone that another process has put', async () => {
    await a.end();
    const other = world.process();
    await other.find();
    expect(counted(other, 'session.lookups')).toEqual({ 'fast revoked': 1 });
    expect(counted(other, 'session.fast_copy.reads')).toEqual({ tombstone: 1 });
  });

  it('as unavailable when nobody can say', async () => {
    a.recordDown = true;
    a.copiesDown = true;
    await expect(a.find()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(counted(a, 'session.lookups')).toEqual({ 'none unavailable': 1 });
  });
});

describe('a fast copy', () => {
  it('is counted by what it held, and when it was written anew', async () => {
    world.flushAll();
    await Promise.all([a.find(), a.find()]);
    await settled();
    await a.find();
    a.copiesDown = true;
    await a.find();
    await settled();
    expect(counted(a, 'session.fast_copy.reads')).toEqual({ miss: 2, hit: 1, error: 1 });
    expect(counted(a, 'session.fast_copy.repairs')).toEqual({ '': 1 });
  });
});
