import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresImpersonations } from '../../src/adapters/postgres-impersonations.ts';
import { PostgresMasters } from '../../src/adapters/postgres-masters.ts';
import { PostgresOutbox } from '../../src/adapters/postgres-outbox.ts';
import { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import { PostgreSQLUserAdapter } from '../../src/adapters/postgres-user-adapter.ts';
import { applyMigrations, rightsOfStrangers } from '../../src/migrations/apply-migrations.ts';
import { newSession, newUser } from '../../src/testing/samples.ts';
import { emptyDatabase, runnerOn, type TestDatabase } from './database.ts';

/** Roles belong to the server, which other tests share. */
const suffix = randomUUID().slice(0, 8);
const role = (name: string): string => `${name}_${suffix}`;
const ROLES = ['anon', 'app', 'support'].map(role);
const [ANON = '', APP = '', SUPPORT = ''] = ROLES;

describe('rights', () => {
  let database: TestDatabase;
  const revoked: string[] = [];
  const pools = new Map<string, pg.Pool>();
  const as = (name: string): pg.Pool => {
    const known = pools.get(name);
    if (known) return known;
    const url = new URL(database.url);
    url.username = name;
    url.password = 'secret';
    const pool = new pg.Pool({ connectionString: url.href, max: 2 });
    pools.set(name, pool);
    return pool;
  };
  const migrate = (grantTo: string[] = []) =>
    applyMigrations({
      databaseUrl: database.url,
      grantTo,
      onRevoked: (right) => revoked.push(right),
    });

  beforeAll(async () => {
    database = await emptyDatabase();
    for (const name of ROLES) {
      await database.psql(`CREATE ROLE ${name} LOGIN PASSWORD 'secret'`);
      await database.psql(`GRANT USAGE ON SCHEMA public TO ${name}`);
    }
    for (const what of ['TABLES', 'SEQUENCES', 'FUNCTIONS', 'SCHEMAS']) {
      await database.psql(`ALTER DEFAULT PRIVILEGES GRANT ALL ON ${what} TO ${ANON}`);
    }
    await migrate([APP]);
  });

  afterAll(async () => {
    for (const pool of pools.values()) await pool.end();
    for (const name of ROLES) {
      await database.psql(`DROP OWNED BY ${name} CASCADE`);
      await database.psql(`DROP ROLE ${name}`);
    }
    await database.close();
  });

  it('are taken from whom default privileges name, and said', () => {
    expect(revoked).toContainEqual(
      expect.stringMatching(`SELECT.* on TABLE sessions."Session" for ${ANON}`),
    );
    expect(revoked).toContainEqual(
      expect.stringMatching(`SELECT.* on TABLE "?public"?.?"User" for ${ANON}`),
    );
    expect(revoked.filter((right) => right.endsWith(APP))).toEqual([]);
  });

  it.each([
    'SELECT "hashedPassword" FROM public."User"',
    `UPDATE public."User" SET "role" = 'ADMIN'`,
    'SELECT * FROM sessions."Session"',
    'INSERT INTO sessions."Subject" ("userId", "version") VALUES (\'x\', 1)',
    'SELECT * FROM sessions."Audit"',
    'SELECT sessions.audit_forget(1000, 0)',
    "SELECT sessions.raise_floor('x', NULL, NULL, 'revoked-all', NULL)",
    "SELECT sessions.digest('x')",
  ])('leave a stranger nothing: %s', async (text) => {
    await expect(as(ANON).query(text)).rejects.toThrow(/permission denied/);
  });

  it('suffice a role that was named for every verb', async () => {
    const sql = runnerOn(as(APP));
    const users = new PostgreSQLUserAdapter(database.prisma, sql);
    const sessions = new PostgresSessionAdapter(sql);
    const { id } = await users.create(newUser());
    const admin = await users.create(newUser({ role: 'ADMIN' }));
    const open = (userId: string) => sessions.create(newSession(userId));
    const [one, two, own] = [await open(id), await open(id), await open(admin.id)];
    const limit = { most: 2, rule: 'end-oldest' } as const;
    await sessions.create(newSession(id, { limit }));
    await sessions.read([one.session.digest]);
    await sessions.extend(two.session.digest, 90_000);
    await sessions.confirmIdentity(two.session.digest);
    await sessions.rotate(two.session.digest, newSession(id).digest);
    await sessions.renew([{ handle: two.session.handle, absoluteMs: 1_000, idle: null }]);
    await sessions.touch([two.session.handle], 0);
    await sessions.label(id, 'web', two.session.handle, 'Desk');
    await sessions.list(id, 'web');
    await sessions.count('web', 10);
    await sessions.endByHandle(id, 'web', one.session.handle, 'revoked');
    await sessions.endByDigest(two.session.digest, 'signed-out');
    const { actorDigest: _, ...acting } = { ...newSession(id), actorDigest: '' };
    await new PostgresImpersonations(sql).open({ ...acting, actorDigest: own.session.digest });
    await sessions.endOthers(id, 'web', one.session.handle, 'revoked-others');
    await sessions.endAll(id, 'revoked-all');
    await users.change(id, { role: 'ADMIN', sessionId: 'of-an-older-process' });
    await users.change(id, { hashedPassword: 'another' });
    await users.rehashPassword(id, 'another', 'a third');
    await users.snapshot(id);
    await as(APP).query('DELETE FROM public."User" WHERE "id" = $1', [id]);
    expect(await sessions.markEnded(100)).toBeGreaterThan(0);
    await sessions.deleteEnded(100, 0);
    const outbox = new PostgresOutbox(sql);
    const { place, rows } = await outbox.look(null, [], 100);
    expect(rows.map(({ key }) => key)).toContain(id);
    await outbox.delete(rows.map((row) => ({ ...row, master: 'a master' })));
    await outbox.deleteCarried([{ kind: 'user', key: id, version: 1, master: 'a master' }]);
    await outbox.giveUp(rows);
    await outbox.deleteSeen(place, 100);
    await outbox.depth();
    const masters = new PostgresMasters(sql);
    await masters.take('a carrier', []);
    await masters.renew('a carrier');
    await masters.keepOnly('a carrier', []);
    await masters.name('a carrier', ['a master']);
    await masters.raise('a carrier');
    await masters.release('a carrier');
    expect((await masters.hear()).since.size).toBe(1);
  });

  it('give a role that was named no trigger of ours to put on a table of its own', async () => {
    const may = await database.psql<{ name: string }>(
      `SELECT proname AS name FROM pg_proc WHERE pronamespace = 'sessions'::regnamespace
         AND prorettype = 'trigger'::regtype AND has_function_privilege($1, oid, 'EXECUTE')`,
      [APP],
    );
    expect(may).toEqual([]);
  });

  it('let a role that was named neither write the audit nor change it', async () => {
    const insert = `INSERT INTO sessions."Audit" ("at", "kind", "userId") VALUES (now(), 'created', 'x')`;
    await expect(as(APP).query(insert)).rejects.toThrow(/permission denied/);
    await expect(as(APP).query('DELETE FROM sessions."Audit"')).rejects.toThrow(
      /permission denied/,
    );
  });

  it('to a user alone are enough to change one: sessions hear of it', async () => {
    await database.psql(`GRANT SELECT, UPDATE ("role", "email") ON public."User" TO ${SUPPORT}`);
    const { id } = await database.users.create(newUser());
    const before = await database.sessions.create(newSession(id));
    await as(SUPPORT).query(`UPDATE public."User" SET "role" = 'ADMIN' WHERE "id" = $1`, [id]);

    const answer = (await database.sessions.read([before.session.digest])).get(
      before.session.digest,
    );
    expect(answer).toMatchObject({ state: 'live', live: { user: { user: { role: 'ADMIN' } } } });
    const told = await database.psql('SELECT FROM sessions."Outbox" WHERE "key" = $1', [id]);
    expect(told.length).toBeGreaterThan(0);
    await expect(as(SUPPORT).query('SELECT * FROM sessions."Session"')).rejects.toThrow(
      /permission denied/,
    );
  });

  it('of a stranger are found, and taken away by the next migrate; those of the named stay', async () => {
    expect(await rightsOfStrangers({ databaseUrl: database.url })).toEqual([]);
    await database.psql(`GRANT SELECT ("digest") ON sessions."Session" TO ${SUPPORT}`);
    await database.psql('GRANT EXECUTE ON FUNCTION sessions.digest(text) TO PUBLIC');

    const found = [
      'EXECUTE on ROUTINE sessions.digest(text) for PUBLIC',
      `SELECT on TABLE sessions."Session" for ${SUPPORT}`,
    ];
    expect(await rightsOfStrangers({ databaseUrl: database.url })).toEqual(found);
    revoked.length = 0;
    await migrate();
    expect(revoked).toEqual(found);
    expect(await rightsOfStrangers({ databaseUrl: database.url })).toEqual([]);
    await expect(as(APP).query('SELECT FROM sessions."Session"')).resolves.toBeDefined();
  });

  it('go to no role that is not there', async () => {
    await expect(migrate(['nobody_of_that_name'])).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('nobody_of_that_name'),
    });
  });
});
