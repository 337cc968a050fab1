import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import { DEFAULT_POLICY } from '../../src/policy/realm-policy.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import type { UserManager } from '../../src/types/index.ts';
import { sessionKey } from '../names.ts';
import { METADATA, openStores, planOf, quiet, type Stores, WEEK } from './support.ts';

const idle = { timeoutMs: 60_000, updateAgeMs: 30_000 };
const policies = { standard: { ...DEFAULT_POLICY, idle }, realms: {} };

let stores: Stores;
let here: UserManager;
let there: UserManager;
let sessionId: string;

beforeAll(async () => {
  stores = await openStores();
  const plan = { ...planOf(stores.databaseUrl, stores.redisUrl), policies };
  const built = await Promise.all([buildOnStores(plan, quiet), buildOnStores(plan, quiet)]);
  [here, there] = [built[0].manager, built[1].manager];
  await stores.sql.query(`CREATE TABLE written (handle text);
    CREATE FUNCTION note_write() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO public.written VALUES (NEW.id); RETURN NULL; END $$;
    CREATE TRIGGER note_write AFTER UPDATE ON sessions."Session" FOR EACH ROW EXECUTE FUNCTION note_write()`);
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await stores.close();
});

beforeEach(async () => {
  sessionId = await here.createSession(await stores.user(here), METADATA, WEEK);
});

/** The session was last renewed 40 seconds ago. */
async function age(): Promise<void> {
  await stores.sql.query(
    `UPDATE sessions."Session" SET "expiresAt" = "expiresAt" - interval '40 s' WHERE digest = sessions.digest($1)`,
    [sessionId],
  );
  await stores.sql.query('TRUNCATE written');
}

async function counted(table: string): Promise<number> {
  const { rows } = await stores.sql.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
  return rows[0]?.n ?? 0;
}

/** Rows of the outbox, those that are gone included. */
async function everWritten(): Promise<number> {
  const { rows } = await stores.sql.query<{ n: number }>(
    `SELECT (CASE WHEN is_called THEN last_value ELSE 0 END)::int AS n FROM sessions."Outbox_id_seq"`,
  );
  return rows[0]?.n ?? 0;
}

/** What is left of the session, in milliseconds: by the record. */
async function leftInRecord(): Promise<number> {
  const { rows } = await stores.sql.query<{ left: number }>(
    `SELECT date_part('epoch', "expiresAt" - now()) * 1000 AS left FROM sessions."Session" WHERE digest = sessions.digest($1)`,
    [sessionId],
  );
  return rows[0]?.left ?? 0;
}

const useInBoth = (): Promise<unknown> =>
  Promise.all(
    Array.from({ length: 1_000 }, (_, n) => (n % 2 ? here : there).validateSession(sessionId)),
  );

async function endAt(manager: UserManager): Promise<number> {
  const found = await manager.validateSession(sessionId);
  return found.status === 'active' ? found.session.expiresAt : 0;
}

describe('a session that is used through two processes', () => {
  it('is written once in one update age, however much it is used, and not into the outbox', async () => {
    await age();
    const outbox = await everWritten();
    // Its age travels first: until then the copies say that it was renewed a moment ago.
    const leftInUse = () => useInBoth().then(leftInRecord);
    await expect.poll(leftInUse, { timeout: 10_000 }).toBeGreaterThan(40_000);
    await useInBoth();

    await expect.poll(() => endAt(here).then(async (at) => at - (await endAt(there)))).toBe(0);
    expect(await counted('written')).toBe(1);
    expect(await everWritten()).toBe(outbox);
  });

  it('lives equally long in the record, in the fast copy and in the near copy of each process', async () => {
    const before = await endAt(there);
    await age();
    await expect
      .poll(async () => Math.min(await endAt(here), await endAt(there)), { timeout: 10_000 })
      .toBeGreaterThan(before);

    const left = await leftInRecord();
    const leftInCopy = await stores.redis.pTTL(sessionKey(digestOf(sessionId), 'web'));
    expect(Math.abs(left - leftInCopy)).toBeLessThan(1_000);
    expect(await endAt(here)).toBe(await endAt(there));
  });

  it('goes on when Redis is flushed between its uses', async () => {
    await age();
    await endAt(here);
    await stores.redis.flushAll();

    const leftInUse = () => endAt(there).then(leftInRecord);
    await expect.poll(leftInUse, { timeout: 10_000 }).toBeGreaterThan(40_000);
    expect((await here.validateSession(sessionId)).status).toBe('active');
  });
});
