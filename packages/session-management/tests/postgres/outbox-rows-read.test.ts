import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresOutbox } from '../../src/adapters/postgres-outbox.ts';
import type { CarriedChange, OutboxPlace } from '../../src/types/index.ts';
import { migratedDatabase, runnerOn, type TestDatabase } from './database.ts';

/** A prepared statement is planned for its values five times, then once for all. */
const CALLS = 8;
const ROWS = 5_000;
/** What one call may read for each row that it is about: the row, its index entry, and as much again. */
const EACH = 4;

let database: TestDatabase;

beforeAll(async () => {
  database = await migratedDatabase();
  // As in the first minute, or where nothing has vacuumed it for long.
  await database.psql(`ALTER TABLE sessions."Outbox" SET (autovacuum_enabled = false)`);
  await database.psql(`UPDATE sessions."Masters" SET "since" = '{"A": 1}'`);
});
afterAll(() => database.close());

const WRITE = `INSERT INTO sessions."Outbox" (kind, key, version, "isEnd")
  SELECT 'user', $1 || n, 1, false FROM generate_series(1, $2::int) n`;

/** Rows of the table and entries of its index that this transaction has read. */
async function readBy(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ rows: string }>(
    `SELECT seq_tup_read + coalesce(idx_tup_fetch, 0)
       + pg_stat_get_xact_tuples_returned('sessions."Outbox_pkey"'::regclass) AS rows
     FROM pg_stat_xact_user_tables WHERE relid = 'sessions."Outbox"'::regclass`,
  );
  return Number(rows[0]?.rows);
}

/** On one connection, all plans made while the table is empty: what each call reads once it is not. */
async function readings(
  use: (outbox: PostgresOutbox, call: number) => Promise<unknown>,
  given: { count?: number; plan?: (outbox: PostgresOutbox) => Promise<unknown> } = {},
): Promise<number[]> {
  return database.inTransaction(async (client) => {
    await client.query('ROLLBACK; TRUNCATE sessions."Outbox"; BEGIN');
    const outbox = new PostgresOutbox(runnerOn(client));
    for (let call = 0; call < CALLS; call += 1) await (given.plan ?? ((at) => use(at, 0)))(outbox);
    await client.query(WRITE, ['u', given.count ?? ROWS]);
    const read: number[] = [];
    for (let call = 1; call <= CALLS; call += 1) {
      const before = await readBy(client);
      await use(outbox, call);
      read.push((await readBy(client)) - before);
    }
    return read;
  });
}

/** Where nothing is new: a transaction that no other follows yet. */
const NOTHING_NEW: OutboxPlace = {
  snapshot: '',
  from: '9000000000000000000',
  open: ['7', '8', '9'],
};

describe('plans that were made when the outbox was empty', () => {
  it('let a look at nothing new read nothing', async () => {
    const read = await readings((outbox) => outbox.look(NOTHING_NEW, [], 10_001));
    expect(Math.max(...read)).toBeLessThanOrEqual(EACH);
  });

  it('let a look at what is left read that alone', async () => {
    const named = { xact: '7', id: '7' };
    const read = await readings((outbox) =>
      outbox.look(
        NOTHING_NEW,
        Array.from({ length: 20 }, () => named),
        10_001,
      ),
    );
    expect(Math.max(...read)).toBeLessThanOrEqual(20 * EACH);
  });

  it('let the deletion of carried changes read those alone', async () => {
    const changes = (call: number): CarriedChange[] =>
      Array.from({ length: 20 }, (_, n) => ({
        ...{ kind: 'user', key: `u${call * 20 + n}`, version: 1, master: 'A' },
      }));
    const read = await readings((outbox, call) => outbox.deleteCarried(changes(call)));
    expect(Math.max(...read)).toBeLessThanOrEqual(20 * EACH);
  });

  it.each([
    [
      'of what was taken',
      (at: PostgresOutbox, xact: string, id: string) => at.delete([{ xact, id, master: 'A' }]),
    ],
    [
      'of what is given up',
      (at: PostgresOutbox, xact: string, id: string) => at.giveUp([{ xact, id }]),
    ],
  ])('let a deletion %s read that alone', async (_what, remove) => {
    const read = await readings((outbox, call) => remove(outbox, '7', String(call)));
    expect(Math.max(...read)).toBeLessThanOrEqual(EACH);
  });
});

describe('a look under a transaction that stands open and keeps what is deleted from being vacuumed', () => {
  it('reads what is new, however much has come and gone before', async () => {
    await database.psql('TRUNCATE sessions."Outbox"');
    await database.inTransaction(async (writing) => {
      await writing.query(WRITE, ['open', 1]);
      await database.inTransaction(async (reading) => {
        await reading.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
        await reading.query('SELECT 1');
        const first = await new PostgresOutbox(database.sql).look(null, [], 10_001);
        let { place } = first;
        const read: number[] = [];
        for (let round = 0; round < 6; round += 1) {
          await database.psql(WRITE, [`round${round}-`, 1_000]);
          await database.psql('DELETE FROM sessions."Outbox"');
          await database.psql(WRITE, [`new${round}-`, 10]);
          await database.inTransaction(async (client) => {
            const before = await readBy(client);
            const look = await new PostgresOutbox(runnerOn(client)).look(place, [], 10_001);
            read.push((await readBy(client)) - before);
            expect(look.rows).toHaveLength(10);
            place = look.place;
          });
        }
        // What came and went since the look before, and nothing of what did earlier.
        expect(Math.max(...read)).toBeLessThanOrEqual(1_010 * 2);
        await writing.query('COMMIT');
        const outbox = new PostgresOutbox(database.sql);
        expect((await outbox.look(place, [], 10_001)).rows).toMatchObject([{ key: 'open1' }]);
      });
    });
  });
});
