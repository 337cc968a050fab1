import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { storesMode } from './support/modes.ts';
import { type Server, startServer, type Variables } from './support/server.ts';
import { newTranscript, Visitor } from './support/visitor.ts';

const LONG_AGO = '2001-01-01';
const AT_ONCE = 4;
const PATIENT = { timeout: 3_000, interval: 10 };

let variables: Variables;
let sql: pg.Pool;
let server: Server;

beforeAll(async () => {
  variables = await storesMode();
  sql = new pg.Pool({ connectionString: variables['DATABASE_URL'], max: 2 });
}, 300_000);

beforeEach(async () => {
  server = await startServer(variables);
});

afterAll(async () => {
  await server?.stop();
  await sql?.end();
});

/** Log-ins that PostgreSQL keeps waiting. */
async function waiting(): Promise<number> {
  const { rows } = await sql.query(
    `SELECT 1 FROM pg_stat_activity
     WHERE wait_event_type = 'Lock' AND datname = current_database()`,
  );
  return rows.length;
}

const visitor = () => new Visitor(server.origin, newTranscript());

describe('a server that is asked to end', () => {
  it('answers what it has begun, then ends by itself with code 0', async () => {
    const operator = await sql.connect();
    try {
      await operator.query('BEGIN; LOCK TABLE "User" IN ACCESS EXCLUSIVE MODE');
      const begun = Array.from({ length: AT_ONCE }, () => visitor().login('nobody@example.com'));
      await vi.waitFor(async () => expect(await waiting()).toBe(AT_ONCE), PATIENT);
      // Its connection is kept.
      await visitor().me();

      const code = server.stop();
      await vi.waitFor(() => expect(visitor().me()).rejects.toThrow(), PATIENT);
      await operator.query('COMMIT');
      const statuses = (await Promise.all(begun)).map(({ status }) => status);
      expect(statuses).toEqual(statuses.map(() => 401));
      expect(await code).toBe(0);
    } finally {
      // With its connection goes the lock.
      operator.release(true);
    }
  });

  it('writes when it has seen sessions last', async () => {
    const who = visitor();
    await who.register();
    await server.stop();
    await sql.query('UPDATE sessions."Session" SET "lastSeenAt" = $1', [LONG_AGO]);

    server = await startServer(variables);
    const again = visitor();
    again.cookies.set('sessionId', who.sessionId);
    expect((await again.me()).status).toBe(200);
    expect(await server.stop()).toBe(0);
    const { rows } = await sql.query<{ recent: boolean }>(
      'SELECT "lastSeenAt" > $1::timestamptz AS recent FROM sessions."Session" LIMIT 1',
      [LONG_AGO],
    );
    expect(rows).toEqual([{ recent: true }]);
  });
});
