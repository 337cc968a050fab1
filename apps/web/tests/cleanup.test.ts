import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { storesMode } from './support/modes.ts';
import { type Server, startServer, type Variables } from './support/server.ts';
import { type Answer, newTranscript, Visitor } from './support/visitor.ts';

const BUILD_AND_START_MS = 300_000;
const CRON_SECRET = 'cron-secret-of-this-test';

let sql: pg.Pool;
let onStores: Server;
let mock: Server;

beforeAll(async () => {
  const variables: Variables = { ...(await storesMode()), SESSION_AUDIT_KEEP: '30d' };
  sql = new pg.Pool({ connectionString: variables['DATABASE_URL'], max: 1 });
  onStores = await startServer({ ...variables, CRON_SECRET });
  mock = await startServer({ NODE_ENV: 'test' });
}, BUILD_AND_START_MS);

afterAll(async () => {
  await Promise.all([onStores?.stop(), mock?.stop()]);
  await sql?.end();
});

const visitor = (server: Server) => new Visitor(server.origin, newTranscript());

function ask(server: Server, authorization?: string, method = 'GET'): Promise<Answer> {
  const headers: Record<string, string> = authorization ? { authorization } : {};
  return visitor(server).send('/api/cron/cleanup', { method, headers });
}

it('deletes what ended long ago and old lines of the audit, and says how many', async () => {
  const live = visitor(onStores);
  await live.register();
  await sql.query(
    `INSERT INTO sessions."Session"
       (id, digest, subject, stamp, "idVersion", "createdAt", "lastSeenAt", "authenticatedAt", "expiresAt", "absoluteExpiresAt")
     SELECT gen_random_uuid(), sessions.digest(gen_random_uuid()::text), o.id, o.counter, o.version, past, past, past, past, past
     FROM sessions."Subject" o, generate_series(1, 3), (SELECT now() - interval '2 days') AS t(past)`,
  );
  await sql.query(
    `INSERT INTO sessions."Audit"("at", kind, "userId", realm, handle)
     VALUES (now() - interval '31 days', 'created', 'u', 'web', gen_random_uuid())`,
  );
  const answer = await ask(onStores, `Bearer ${CRON_SECRET}`);

  expect([answer.status, answer.json]).toEqual([200, { deleted: 3, auditDeleted: 1 }]);
  expect(answer.headers.get('cache-control')).toBe('private, no-store');
  expect((await ask(onStores, `Bearer ${CRON_SECRET}`)).json).toEqual({
    deleted: 0,
    auditDeleted: 0,
  });
  expect((await live.me()).status).toBe(200);
});

it('does nothing for who does not carry the secret, nor by another method', async () => {
  for (const authorization of [undefined, 'Bearer wrong', CRON_SECRET, `Basic ${CRON_SECRET}`]) {
    const { headers, status, text } = await ask(onStores, authorization);
    expect([status, text, headers.get('www-authenticate')]).toEqual([401, '', 'Bearer']);
    expect(headers.get('cache-control')).toBe('private, no-store');
  }
  expect((await ask(onStores, `Bearer ${CRON_SECRET}`, 'POST')).status).toBe(405);
});

it('does not exist without CRON_SECRET', async () => {
  expect((await ask(mock, `Bearer ${CRON_SECRET}`)).status).toBe(404);
  expect((await ask(mock, 'Bearer undefined')).status).toBe(404);
  expect((await ask(mock, 'Bearer ')).status).toBe(404);
});
