import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresOutbox } from '../../src/adapters/postgres-outbox.ts';
import * as statements from '../../src/adapters/postgres-outbox-statements.ts';
import { prismaRunner } from '../../src/adapters/postgres-sql.ts';
import { LIMITS } from '../../src/policy/limits.ts';
import { expectRefusal } from '../../src/testing/samples.ts';
import type { OutboxItem } from '../../src/types/index.ts';
import { migratedDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
let outbox: PostgresOutbox;
const psql = <Row extends object>(text: string, values?: unknown[]) =>
  database.psql<Row>(text, values);

beforeAll(async () => {
  database = await migratedDatabase();
  outbox = new PostgresOutbox(database.sql);
});
beforeEach(() => psql('TRUNCATE sessions."Outbox" RESTART IDENTITY'));
afterAll(() => database.close());

const fill = (count: number, isEnd = false, ago = '0 seconds') =>
  psql(
    `INSERT INTO sessions."Outbox" (kind, key, realm, "isEnd", "createdAt")
    SELECT 'session', 'd' || n, 'web', $2, now() - $3::interval FROM generate_series(1, $1::int) n`,
    [count, isEnd, ago],
  );
const ids = (items: OutboxItem[]) => items.map(({ id }) => id);
const letClaimsExpire = () =>
  psql(`UPDATE sessions."Outbox" SET "claimedUntil" = now() - interval '1 ms'`);

describe('claiming', () => {
  it('gives ends first, then in the order of writing, and says what changed', async () => {
    await fill(3);
    await psql(`INSERT INTO sessions."Outbox" (kind, key, "isEnd") VALUES ('user', 'u1', true)`);

    const ageMs = expect.any(Number);
    expect(await outbox.claim(2)).toEqual([
      { id: 4, kind: 'user', key: 'u1', realm: null, ageMs },
      { id: 1, kind: 'session', key: 'd1', realm: 'web', ageMs },
    ]);
    expect(ids(await outbox.claim(9))).toEqual([2, 3]);
    expect(await outbox.claim(9)).toEqual([]);
  });

  it('says how old a row is, unless a master has had it before', async () => {
    await fill(1, false, '90 seconds');
    const [first] = await outbox.claim(1);
    expect(first?.ageMs).toBeGreaterThanOrEqual(90_000);
    expect(first?.ageMs).toBeLessThan(120_000);
    await outbox.mark([1], 'old');
    expect(await outbox.claim(1, ['new'])).toMatchObject([{ id: 1, ageMs: null }]);
  });

  it('gives no row twice to eight claimers at once', async () => {
    await fill(500);
    const drain = async () => {
      const mine: number[] = [];
      for (let got = [0]; got.length > 0; mine.push(...got)) got = ids(await outbox.claim(7));
      return mine;
    };
    const all = (await Promise.all(Array.from({ length: 8 }, drain))).flat();

    expect(all).toHaveLength(500);
    expect(new Set(all).size).toBe(500);
  });

  it('gives no row twice for masters either', async () => {
    await fill(200);
    await outbox.mark(ids(await outbox.claim(100)), 'old');
    const drain = async () => {
      const mine: number[] = [];
      for (let got = [0]; got.length > 0; mine.push(...got)) {
        got = ids(await outbox.claim(7, ['new']));
      }
      return mine;
    };
    const all = (await Promise.all([drain(), drain(), drain(), drain()])).flat();

    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, at) => at + 1));
  });

  it('gives a row that could not be applied again within half a second, and those behind it at once', async () => {
    await fill(2);
    await outbox.release(ids(await outbox.claim(1)));

    expect(ids(await outbox.claim(1))).toEqual([2]);
    const [{ rest } = { rest: Number.NaN }] = await psql<{ rest: number }>(
      `SELECT extract(epoch FROM "claimedUntil" - now())::float8 AS rest FROM sessions."Outbox" WHERE id = 1`,
    );
    expect(rest).toBeGreaterThan(0);
    expect(rest).toBeLessThan(0.5);
    await expect.poll(async () => ids(await outbox.claim(9))).toEqual([1]);
  });

  it('skips rows that a transaction holds', async () => {
    await fill(2);
    await database.inTransaction(async (client) => {
      await client.query('SELECT 1 FROM sessions."Outbox" WHERE id = 1 FOR UPDATE');
      expect(ids(await outbox.claim(9))).toEqual([2]);
    });
    await expect.poll(async () => ids(await outbox.claim(9))).toEqual([1]);
  });

  it('lasts a second, after which the row is given again', async () => {
    await fill(1);
    await outbox.claim(1);
    const left = await psql<{ ms: number }>(
      `SELECT extract(epoch FROM "claimedUntil" - now())::float8 * 1000 AS ms FROM sessions."Outbox"`,
    );
    expect(left[0]?.ms).toBeGreaterThan(100);
    expect(left[0]?.ms).toBeLessThanOrEqual(1_001);

    await letClaimsExpire();
    expect(ids(await outbox.claim(1))).toEqual([1]);
  });

  it('gives marked rows only to those who name their masters, and only of the last W', async () => {
    await fill(1, true);
    await fill(1, false, `${LIMITS.W - 5_000} milliseconds`);
    await fill(1, false, `${LIMITS.W + 1_000} milliseconds`);
    await outbox.mark([1, 2, 3], 'old');

    expect(await outbox.claim(9)).toEqual([]);
    expect(await outbox.claim(9, ['new', 'old'])).toEqual([]);
    expect(ids(await outbox.claim(9, ['new']))).toEqual([1, 2]);
    expect(await outbox.claim(9, ['new'])).toEqual([]);
  });

  it('gives waiting rows and those of several other masters together, ends first', async () => {
    await fill(3);
    await fill(1, true);
    await outbox.mark([1], 'a');
    await outbox.mark([4], 'b');
    await outbox.mark([3], 'now');

    expect(ids(await outbox.claim(9, ['now']))).toEqual([4, 1, 2]);
  });

  it('takes every marked row for work when no master is present', async () => {
    await fill(2);
    await outbox.mark([1], 'a');

    expect(ids(await outbox.claim(9, []))).toEqual([1, 2]);
  });

  it('finds waiting rows by their index, however many are done', async () => {
    await fill(2_000);
    await psql(`UPDATE sessions."Outbox" SET "appliedTo" = 'a' WHERE id > 10`);
    await psql('ANALYZE sessions."Outbox"');
    const plans = await Promise.all(
      [
        [statements.CLAIM_WAITING.text, [5]] as const,
        [statements.CLAIM_FOR.text, [5, ['a'], LIMITS.W]] as const,
        [statements.HAS_WORK.text, [['a'], LIMITS.W]] as const,
      ].map(([text, values]) =>
        psql<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE) ${text}`, [...values]),
      ),
    );

    for (const plan of plans.map((lines) => lines.map((line) => line['QUERY PLAN']))) {
      const scans = plan.filter((line) => line.includes('Scan') && line.includes('"Outbox"'));
      expect(scans.join('\n')).toContain('Outbox_waiting_idx');
      const whole = scans.filter((line) => line.includes('Seq Scan'));
      expect(whole.filter((line) => !line.includes('never executed'))).toEqual([]);
    }
  });
});

describe('work', () => {
  it('is left until every row is marked with a present master', async () => {
    expect(await outbox.hasWork(['now'])).toBe(false);
    await fill(2);
    await outbox.claim(9);
    expect(await outbox.hasWork(['now'])).toBe(true);

    await outbox.mark([1], 'now');
    await outbox.mark([2], 'old');
    expect(await outbox.hasWork(['now', 'old'])).toBe(false);
    expect(await outbox.hasWork(['now'])).toBe(true);
    expect(await outbox.hasWork([])).toBe(true);
    await outbox.mark([2], 'now');
    expect(await outbox.hasWork(['now'])).toBe(false);
  });

  it('is not what another master has from before the last W; what waits is, however old', async () => {
    await fill(1, false, `${LIMITS.W + 1_000} milliseconds`);
    expect(await outbox.hasWork(['now'])).toBe(true);
    await outbox.mark([1], 'old');

    expect(await outbox.hasWork(['now'])).toBe(false);
  });

  it('is not seen done on a standby, which may be behind', async () => {
    const standby = new PostgresOutbox({
      query: async (name, text, values) =>
        database.sql.query(
          name === 'outbox_has_work' ? `${name}_standby` : name,
          text.replace('pg_is_in_recovery()', 'true'),
          values,
        ),
    });

    await expectRefusal(standby.hasWork(['now']), 'STORE_UNAVAILABLE');
  });
});

describe('marking', () => {
  it('ends the claim, so that a change of masters finds the row at once', async () => {
    await fill(1);
    await outbox.mark(ids(await outbox.claim(1)), 'old');

    expect(ids(await outbox.claim(1, ['new']))).toEqual([1]);
  });

  it('leaves nothing waiting, and of nothing does nothing', async () => {
    await fill(3);
    await outbox.mark([], 'now');
    expect(await outbox.depth()).toBe(3);
    await outbox.mark([1, 2, 99], 'now');

    expect(await outbox.depth()).toBe(1);
  });
});

describe('old rows', () => {
  it('are deleted in batches, in parallel, and no other', async () => {
    await fill(50, false, `${LIMITS.W + 1_000} milliseconds`);
    await fill(3, false, `${LIMITS.W - 5_000} milliseconds`);
    expect(await outbox.deleteOld(10)).toBe(10);
    const drain = async () => {
      let sum = 0;
      for (let last = 7; last > 0; sum += last) last = await outbox.deleteOld(7);
      return sum;
    };
    const sums = await Promise.all([drain(), drain(), drain()]);

    expect(sums.reduce((sum, each) => sum + each, 0)).toBe(40);
    expect(await outbox.depth()).toBe(3);
  });
});

it('works on a Prisma client as on a pool', async () => {
  const onPrisma = new PostgresOutbox(prismaRunner(database.prisma));
  await fill(2);
  await onPrisma.mark(ids(await onPrisma.claim(1)), 'old');

  expect(ids(await onPrisma.claim(9, ['new']))).toEqual([1, 2]);
  expect(await onPrisma.hasWork(['new'])).toBe(true);
  expect([await onPrisma.depth(), await onPrisma.deleteOld(9)]).toEqual([1, 0]);
});
