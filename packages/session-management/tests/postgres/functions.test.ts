import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migratedDatabase, type TestDatabase } from './database.ts';

/** Those that run with the rights of their owner: triggers on users, and what writes and shortens the audit. */
const DEFINERS = [
  'audit_deleted',
  'audit_forget',
  'audit_raised',
  'audit_session',
  'user_changed',
  'user_deleted',
  'user_email',
  'user_inbox',
];

/** Those that do by themselves what triggers do for foreign hands, and those that hand over to triggers again. */
const MANAGED = ['mark_ended', 'outrank'];
const UNMANAGED = ['change_user', 'follow_user', 'raise_floor', 'rehash'];

/** Written into the statement that uses them, or without a name to look up: a setting would keep the planner from it. */
const BARE = [
  'digest',
  'digest_named',
  'digest_text',
  'email_form',
  'lives',
  'new_handle',
  'next_version',
  'presentable',
];

/**
 * Those that write the users' table, themselves or by a trigger: an application's own triggers there run under the
 * path of the caller. With the caller's rights, and every name of ours in full.
 */
const CALLERS_PATH = ['change_user', 'follow_user', 'inbox_follow', 'rehash', 'rotate'];

const PATH = 'search_path=sessions, pg_temp';

interface Row {
  name: string;
  language: string;
  definer: boolean;
  settings: string[] | null;
  everybody: boolean;
}

describe('the functions of the schema of sessions', () => {
  let database: TestDatabase;
  let rows: Row[];
  const named = (which: (row: Row) => boolean) =>
    [...new Set(rows.filter(which).map(({ name }) => name))].sort();

  beforeAll(async () => {
    database = await migratedDatabase();
    rows = await database.psql<Row>(
      `SELECT proname AS name, lanname AS language, prosecdef AS definer, proconfig AS settings,
         EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0) AS everybody
       FROM pg_proc JOIN pg_language ON pg_language.oid = prolang
       WHERE pronamespace = 'sessions'::regnamespace`,
    );
  });
  afterAll(() => database.close());

  it("are nobody's but the owner's to run", () => {
    expect(rows.length).toBeGreaterThan(0);
    expect(named(({ everybody }) => everybody)).toEqual([]);
  });

  it('look names up in the schema of sessions, and last in what a caller may make', () => {
    const unsafe = ({ language, settings }: Row) =>
      language === 'plpgsql' && settings?.includes(PATH) !== true;
    expect(named(unsafe)).toEqual(CALLERS_PATH);
    expect(DEFINERS.filter((name) => CALLERS_PATH.includes(name))).toEqual([]);
  });

  it('are in SQL where they must be written into a statement, and those name what they use in full', async () => {
    expect(named(({ language }) => language !== 'plpgsql')).toEqual(BARE);
    expect(named(({ definer, language }) => definer && language !== 'plpgsql')).toEqual([]);
  });

  it('run with the rights of their owner where an application has none of its own, and nowhere else', () => {
    expect(named(({ definer }) => definer)).toEqual(DEFINERS);
  });

  it('are managed, or not, by a clause of theirs', () => {
    const having = (setting: string) =>
      named(({ settings }) => settings?.includes(setting) === true);
    expect(having('session.managed=on')).toEqual(MANAGED);
    expect(having('session.managed=off')).toEqual(UNMANAGED);
  });

  it('read no other setting than two', async () => {
    const sources = await database.psql<{ source: string }>(
      `SELECT pg_get_functiondef(oid) AS source FROM pg_proc WHERE pronamespace = 'sessions'::regnamespace
       UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal`,
    );
    const settings = sources.flatMap(({ source }) => source.match(/session\.[a-z_]+\b/g) ?? []);
    expect([...new Set(settings)].sort()).toEqual(['session.inbox', 'session.managed']);
  });

  it("write into our tables, not into a caller's temporary ones of the same name", async () => {
    const told = await database.inTransaction(async (client) => {
      await client.query(`INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com')`);
      for (const table of ['Outbox', 'Subject', 'Session', 'Raise']) {
        await client.query(`CREATE TEMPORARY TABLE "${table}" (LIKE sessions."${table}")`);
      }
      await client.query(`SET LOCAL search_path = pg_temp, public, sessions`);
      await client.query(`UPDATE public."User" SET "hashedPassword" = 'hash-1'`);
      return (await client.query('SELECT "key" FROM sessions."Outbox"')).rows;
    });
    expect(told).toEqual([{ key: 'u1' }]);
  });
});
