import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresMasters } from '../../src/adapters/postgres-masters.ts';
import { migratedDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
let masters: PostgresMasters;

beforeAll(async () => {
  database = await migratedDatabase();
  masters = new PostgresMasters(database.sql);
});
beforeEach(async () => {
  await leaseOf('', '-infinity');
  await database.psql(`UPDATE sessions."Masters" SET "since" = '{}'`);
});
afterAll(() => database.close());

/** @param until - From now, as an interval, or an instant of its own. */
async function leaseOf(owner: string, until: string): Promise<void> {
  const instant = until.endsWith('infinity') ? `'${until}'` : `now() + interval '${until}'`;
  await database.psql(`UPDATE sessions."Lease" SET "owner" = $1, "until" = ${instant}`, [owner]);
}

const named = async () => Object.fromEntries((await masters.hear()).since);
const carrier = async () => (await masters.hear()).carrier;

describe('the lease', () => {
  it('is taken by the first who asks, who is heard of as the carrier, and by nobody else while it lasts', async () => {
    expect(await masters.take('one', ['a'])).toBe(true);
    expect(await carrier()).toBe('one');
    expect(await masters.take('two', ['a'])).toBe(false);
    expect(await masters.take('one', ['a'])).toBe(true);
  });

  it('is over after its time, and renewed by nobody but its owner', async () => {
    await masters.take('one', []);
    await leaseOf('one', '-1 ms');
    expect(await carrier()).toBeNull();
    expect(await masters.renew('two')).toBe(false);
    expect(await masters.renew('one')).toBe(true);
    expect(await carrier()).toBe('one');
  });

  it('waits 2 s longer for who would name other masters than those that are named', async () => {
    await masters.take('one', []);
    await masters.name('one', ['a', 'b']);
    await leaseOf('one', '-1 s');
    for (const others of [['a'], ['a', 'c'], ['a', 'b', 'c'], []]) {
      expect(await masters.take('two', others)).toBe(false);
    }
    await leaseOf('one', '-2001 ms');
    expect(await masters.take('two', ['a', 'c'])).toBe(true);

    await masters.keepOnly('two', ['a']);
    await leaseOf('two', '-1 ms');
    expect(await masters.take('one', ['a'])).toBe(true);
  });

  it('is over as soon as its owner has released it', async () => {
    await masters.take('one', []);
    await masters.release('two');
    expect(await carrier()).toBe('one');
    await masters.release('one');
    expect(await carrier()).toBeNull();
    expect(await masters.take('two', [])).toBe(true);
  });

  it('is over where it ends further ahead than it can: the clock was set back', async () => {
    await leaseOf('one', '1 hour');
    expect(await carrier()).toBeNull();
    expect(await masters.take('two', [])).toBe(true);
  });
});

describe('names of masters', () => {
  it('count from a second after they were given, and keep the older instant', async () => {
    await masters.take('one', []);
    const { now: before } = await masters.hear();
    await masters.name('one', ['a']);
    const { now: after } = await masters.hear();
    const { a: first = 0 } = await named();
    expect(first).toBeGreaterThanOrEqual(before + 1_000);
    expect(first).toBeLessThanOrEqual(after + 1_000);

    await masters.name('one', ['a', 'b']);
    const { a, b = 0 } = await named();
    expect(a).toBe(first);
    expect(b).toBeGreaterThanOrEqual(first);
  });

  it('go when others are kept', async () => {
    await masters.take('one', []);
    await masters.name('one', ['a', 'b']);
    await masters.keepOnly('one', ['b', 'c']);
    expect(Object.keys(await named())).toEqual(['b']);
  });

  it('are all raised at once', async () => {
    await masters.take('one', []);
    await masters.name('one', ['a', 'b']);
    await database.psql(`UPDATE sessions."Masters" SET "since" = '{"a": 1, "b": 2}'`);
    const { now } = await masters.hear();
    expect(await masters.raise('one')).toBe(true);
    const { a, b } = await named();
    expect(a).toBeGreaterThanOrEqual(now + 1_000);
    expect(b).toBe(a);
  });

  it('are changed by nobody whose lease is over, or who never had it', async () => {
    await masters.take('one', []);
    await masters.name('one', ['a']);
    const before = await named();
    for (const stranger of ['two', 'one']) {
      await leaseOf('one', stranger === 'one' ? '-1 ms' : '3 s');
      await masters.name(stranger, ['b']);
      await masters.keepOnly(stranger, []);
      expect(await masters.raise(stranger)).toBe(false);
    }
    expect(await named()).toEqual(before);
  });
});
