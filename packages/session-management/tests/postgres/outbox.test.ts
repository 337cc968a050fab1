import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresMasters } from '../../src/adapters/postgres-masters.ts';
import { PostgresOutbox } from '../../src/adapters/postgres-outbox.ts';
import type { OutboxLook, OutboxRow } from '../../src/types/index.ts';
import { migratedDatabase, type TestDatabase } from './database.ts';

const MOST = 100;

let database: TestDatabase;
let outbox: PostgresOutbox;
let masters: PostgresMasters;
const psql = <Row extends object>(text: string, values?: unknown[]) =>
  database.psql<Row>(text, values);

beforeAll(async () => {
  database = await migratedDatabase();
  outbox = new PostgresOutbox(database.sql);
  masters = new PostgresMasters(database.sql);
  await masters.take('me', []);
});
beforeEach(async () => {
  await psql('TRUNCATE sessions."Outbox" RESTART IDENTITY');
  await masters.keepOnly('me', []);
  await masters.name('me', ['first', 'second']);
});
afterAll(() => database.close());

const INSERT = `INSERT INTO sessions."Outbox" (kind, key, realm, version, "isEnd") VALUES ('session', $1, 'web', $2, false)`;
const write = (key: string, version = 1) => psql(INSERT, [key, version]);
const keysOf = ({ rows }: OutboxLook) => rows.map(({ key }) => key).sort();
const keysLeft = async () =>
  (await psql<{ key: string }>('SELECT key FROM sessions."Outbox" ORDER BY 1')).map(
    ({ key }) => key,
  );
const found = async (key: string): Promise<OutboxRow> => {
  const row = (await outbox.look(null, [], MOST)).rows.find((each) => each.key === key);
  if (row === undefined) throw new Error(`there is no row of ${key}`);
  return row;
};

describe('a look', () => {
  it('reads all there is at first, then only what came since, with what it says of each', async () => {
    await write('a');
    await psql(`INSERT INTO sessions."Outbox" (kind, key, version, "isEnd", "createdAt")
      VALUES ('user', 'u1', 1, true, now() - interval '90 s')`);
    const first = await outbox.look(null, [], MOST);
    expect(keysOf(first)).toEqual(['a', 'u1']);
    const user = first.rows.find(({ kind }) => kind === 'user');
    expect(user).toMatchObject({ key: 'u1', realm: null, isEnd: true });
    expect(user?.ageMs).toBeGreaterThanOrEqual(90_000);
    expect(user?.ageMs).toBeLessThan(180_000);

    await write('b');
    const second = await outbox.look(first.place, [], MOST);
    expect(keysOf(second)).toEqual(['b']);
    expect(keysOf(await outbox.look(second.place, [], MOST))).toEqual([]);
  });

  it('reads what a transaction wrote that was open at the looks before, whatever committed meanwhile', async () => {
    await database.inTransaction(async (slow) => {
      await slow.query(INSERT, ['slow', 1]);
      await slow.query('SAVEPOINT inner_one');
      await slow.query(INSERT, ['slow inner', 1]);
      await slow.query('RELEASE inner_one');
      let { place } = await outbox.look(null, [], MOST);
      for (const key of ['a', 'b']) {
        await write(key);
        const look = await outbox.look(place, [], MOST);
        expect(keysOf(look)).toEqual([key]);
        place = look.place;
      }
      await slow.query('COMMIT');
      const look = await outbox.look(place, [], MOST);
      expect(keysOf(look)).toEqual(['slow', 'slow inner']);
      expect(keysOf(await outbox.look(look.place, [], MOST))).toEqual([]);
    });
  });

  it('reads rows that are named as long as they stand', async () => {
    for (const key of ['a', 'b']) await write(key);
    const { place, rows } = await outbox.look(null, [], MOST);
    await psql(`DELETE FROM sessions."Outbox" WHERE key = 'a'`);
    expect(keysOf(await outbox.look(place, rows, MOST))).toEqual(['b']);
  });

  it('reads no more than asked for, and none of the rows of before', async () => {
    await psql(`INSERT INTO sessions."Outbox" (kind, key, realm, version, "isEnd")
      SELECT 'session', 'old' || n, 'web', 1, false FROM generate_series(1, 5000) n`);
    const { place } = await outbox.look(null, [], MOST);
    expect((await outbox.look(null, [], MOST)).rows).toHaveLength(MOST);

    await write('new');
    const read = await database.inTransaction(async (client) => {
      const { from, open } = place;
      await client.query(
        `SELECT FROM sessions.outbox_look($1::text::xid8, $2::text[]::xid8[], '{}', '{}', $3)`,
        [from, open, MOST],
      );
      const { rows } = await client.query<{ read: number }>(
        `SELECT (pg_stat_get_xact_tuples_returned('sessions."Outbox"'::regclass)
          + pg_stat_get_xact_tuples_fetched('sessions."Outbox"'::regclass))::int AS read`,
      );
      return rows[0]?.read;
    });
    expect(read).toBeLessThan(10);
  });
});

describe('a deletion', () => {
  it('takes what a master that is named has taken, says which, and leaves the rest', async () => {
    for (const key of ['a', 'b']) await write(key);
    const [a, b] = [await found('a'), await found('b')];
    const deleted = await outbox.delete([
      { ...a, master: 'first' },
      { ...b, master: 'promoted since' },
    ]);
    expect([...deleted]).toEqual([a.id]);
    expect(await keysLeft()).toEqual(['b']);
    expect((await outbox.delete([])).size).toBe(0);
  });

  it('by key takes every version that the copy stands for, of a master that is named', async () => {
    await write('a', 4);
    await write('a', 5);
    await write('b', 9);
    const change = { kind: 'session', key: 'a', version: 4, master: 'first' } as const;
    await outbox.deleteCarried([{ ...change, master: 'nobody' }]);
    await outbox.deleteCarried([{ ...change, kind: 'user' }]);
    expect(await keysLeft()).toEqual(['a', 'a', 'b']);
    await outbox.deleteCarried([change]);
    expect(await keysLeft()).toEqual(['a', 'b']);
    await outbox.deleteCarried([{ ...change, version: Number.MAX_SAFE_INTEGER }]);
    expect(await keysLeft()).toEqual(['b']);
  });

  it('by key leaves to another transaction what that one deletes', async () => {
    await write('a');
    await write('b');
    const all = ['a', 'b'].map(
      (key) => ({ kind: 'session', key, version: 1, master: 'first' }) as const,
    );
    await database.inTransaction(async (other) => {
      await other.query(`DELETE FROM sessions."Outbox" WHERE key = 'a'`);
      await outbox.deleteCarried(all);
      expect(await keysLeft()).toEqual(['a']);
    });
  });

  it('of what was seen leaves what came after, and goes on until nothing is left', async () => {
    for (const key of ['a', 'b', 'c']) await write(key);
    await database.inTransaction(async (slow) => {
      await slow.query(INSERT, ['slow', 1]);
      const { place } = await outbox.look(null, [], MOST);
      await write('later');
      await slow.query('COMMIT');
      expect(await outbox.deleteSeen(place, 2)).toBe(2);
      expect(await outbox.deleteSeen(place, 2)).toBe(1);
      expect(await outbox.deleteSeen(place, 2)).toBe(0);
    });
    expect(await keysLeft()).toEqual(['later', 'slow']);
  });

  it('of what is given up asks for no master', async () => {
    await write('a');
    await masters.keepOnly('me', []);
    await outbox.giveUp([await found('a')]);
    expect(await keysLeft()).toEqual([]);
  });
});

it('the depth is the number of rows', async () => {
  for (const key of ['a', 'b']) await write(key);
  expect(await outbox.depth()).toBe(2);
});
