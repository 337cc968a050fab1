import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import { prismaRunner } from '../../src/adapters/postgres-sql.ts';
import { hasCode } from '../../src/types/index.ts';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  runnerOn,
  type TestDatabase,
} from './database.ts';

describe('PostgresSessionAdapter, whoever runs its statements', () => {
  let database: TestDatabase;
  let sessions: PostgresSessionAdapter;
  const psql = <Row extends object>(text: string, values?: unknown[]) =>
    database.psql<Row>(text, values);

  beforeAll(async () => {
    database = await migratedDatabase();
    sessions = database.sessions;
  });

  beforeEach(async () => {
    await database.empty();
    await psql(
      `INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com'), ('u2', 'eve@example.com')`,
    );
  });

  afterAll(() => database.close());

  it('works on a Prisma client as on a pool', async () => {
    const onPrisma = new PostgresSessionAdapter(prismaRunner(database.prisma));
    await onPrisma.create(newSession('u1', 'd1'));
    await onPrisma.create(newSession('u1', 'd2', { userAgent: null }));
    const own = { ttlMs: 50_000, absoluteMs: 50_000, limit: null };
    const byRole = newSession('u2', 'd3', { termsOfRole: { USER: own } });
    const { session } = await onPrisma.create(byRole);
    expect(session.expiresAt - session.createdAt).toBe(50_000);
    await onPrisma.touch([handleNamed('d1')], 0);
    await onPrisma.extend(digestNamed('d1'), 60_000);
    const idle = { timeoutMs: 120_000, updateAgeMs: 1_000 };
    const due = [{ handle: handleNamed('d1'), absoluteMs: 3_600_000, idle }];
    expect(await onPrisma.renew(due)).toMatchObject([{ digest: digestNamed('d1') }]);

    const strip = ({ live }: { live: { session: { confirmedAt: number } } }) => ({
      ...live.session,
      confirmedAt: 0,
    });
    const digest = digestNamed('d1');
    const answers = [
      (await onPrisma.read([digest])).get(digest),
      (await sessions.read([digest])).get(digest),
    ];
    const [one, other] = answers.map((answer) => (answer?.state === 'live' ? strip(answer) : null));
    expect(one).not.toBeNull();
    expect(one).toEqual(other);
    expect(await onPrisma.list('u1', 'web')).toHaveLength(2);
    const others = await onPrisma.endOthers('u1', 'web', handleNamed('d1'), 'revoked-others');
    expect(others).toMatchObject({ count: 1, user: { user: { id: 'u1' } } });
    const all = await onPrisma.endAll('u1', 'revoked-all');
    expect(all.count).toBe(1);
    expect(all.user?.version).toBeGreaterThan(others.user?.version ?? Number.NaN);
    // Two sessions and two raises.
    expect(await onPrisma.markEnded(10)).toBe(4);
    expect(await onPrisma.deleteEnded(10, -1_000)).toBe(2);
    expect(Math.abs((await onPrisma.ping()) - (await sessions.ping()))).toBeLessThan(2_000);
  });

  it('throws that the store is unavailable when it does not answer, whatever the verb', async () => {
    const pool = new pg.Pool({ connectionString: 'postgresql://nobody@127.0.0.1:1/none' });
    const down = new PostgresSessionAdapter(runnerOn(pool));
    const calls = [
      down.read([digestNamed('d1')]),
      down.create(newSession('u1', 'd1')),
      down.extend(digestNamed('d1'), 1),
      down.endByDigest(digestNamed('d1'), 'revoked'),
      down.endByHandle('u1', 'web', handleNamed('h'), 'revoked'),
      down.endOthers('u1', 'web', handleNamed('h'), 'revoked'),
      down.endAll('u1', 'revoked'),
      down.list('u1', 'web'),
      down.count('web', 9),
      down.touch([handleNamed('h')], 1),
      down.renew([{ handle: handleNamed('h'), absoluteMs: 1, idle: null }]),
      down.confirmIdentity(digestNamed('d1')),
      down.rotate(digestNamed('d1'), digestNamed('d2')),
      down.label('u1', 'web', handleNamed('h'), null),
      down.markEnded(1),
      down.deleteEnded(1, 1),
      down.ping(),
    ];

    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome.status === 'rejected' && hasCode(outcome.reason, 'STORE_UNAVAILABLE')).toBe(
        true,
      );
    }
    await pool.end();
  });

  it('believes no standby, found or not', async () => {
    await psql('CREATE SCHEMA standby');
    await psql(
      `CREATE FUNCTION standby.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
    );
    await sessions.create(newSession('u1', 'd1'));

    await database.inTransaction(async (client) => {
      await client.query('SET LOCAL search_path = standby, pg_catalog, public');
      const standby = new PostgresSessionAdapter(runnerOn(client));
      for (const ask of [
        () => standby.read([digestNamed('d1')]),
        () => standby.read([digestNamed('unknown')]),
        () => standby.read(['no digest']),
        () => standby.list('u2', 'web'),
        () => standby.count('web', 9),
        () => standby.ping(),
      ]) {
        await expect(ask()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      }
    });
  });
});
