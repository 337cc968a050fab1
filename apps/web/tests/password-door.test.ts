import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { storesMode } from './support/modes.ts';
import { firstAnswer, postOf, written } from './support/raw-client.ts';
import { type Server, startServer, type Variables } from './support/server.ts';
import { type Answer, newEmail, newTranscript, PASSWORD, Visitor } from './support/visitor.ts';

/** Requests with a password that are let in, and that wait. */
const INSIDE = 4;
const WAITING = 128;
const METRICS_TOKEN = 'metrics-token-of-this-test';
const LOCKED = 'BEGIN; LOCK TABLE "User" IN ACCESS EXCLUSIVE MODE';
const PATIENT = { timeout: 10_000, interval: 20 };

let server: Server;
let sql: pg.Pool;

beforeAll(async () => {
  const variables: Variables = { ...(await storesMode()), METRICS_TOKEN };
  sql = new pg.Pool({ connectionString: variables['DATABASE_URL'], max: 2 });
  // Longer than any of these tests holds its lock.
  server = await startServer({ ...variables, SESSION_POSTGRES_TIMEOUT: '8s' });
  // While nobody can ask PostgreSQL, whoever is signed in is recognised by copies that count.
  await vi.waitFor(
    async () => expect((await visitor().send('/api/ready')).json.status).toBe('ready'),
    PATIENT,
  );
}, 300_000);

afterAll(async () => {
  await server?.stop();
  await sql?.end();
});

const visitor = () => new Visitor(server.origin, newTranscript());

async function waiting(): Promise<number> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const { text } = await visitor().send('/api/metrics', { headers });
  return Number(/^session_password_hashes_waiting (\d+)/m.exec(text)?.[1]);
}

/** While nobody can be looked up, as many log-ins as may be under way; then all of them go on. */
async function whileFull(work: () => Promise<void>): Promise<number[]> {
  const operator = await sql.connect();
  try {
    await operator.query(LOCKED);
    const email = newEmail();
    const rush = Array.from({ length: INSIDE + WAITING }, () => visitor().login(email));
    await vi.waitFor(async () => expect(await waiting()).toBe(WAITING), PATIENT);
    await work();
    await operator.query('COMMIT');
    return (await Promise.all(rush)).map(({ status }) => status);
  } finally {
    // With its connection goes the lock.
    operator.release(true);
  }
}

describe('more log-ins than can be answered soon', () => {
  it('are refused at once, by the rest of the site unnoticed, and answered as soon as it can be', async () => {
    const signedIn = visitor();
    await signedIn.register();
    let refused: Answer | undefined;
    const statuses = await whileFull(async () => {
      refused = await visitor().login('nobody@example.com');
      expect((await signedIn.me()).status).toBe(200);
    });

    expect(refused?.status).toBe(503);
    expect(refused?.headers.get('retry-after')).toBe('1');
    expect(refused?.headers.get('cache-control')).toBe('private, no-store');
    expect(refused?.json.error.data).toEqual({
      ...{ code: 'SERVICE_UNAVAILABLE', httpStatus: 503, sessionCode: 'TOO_BUSY', fields: [] },
    });
    // One account: what its limit leaves is looked at.
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(await waiting()).toBe(0);
  });

  it('are refused in the language of the visitor, however the call is written', async () => {
    const body = JSON.stringify({ email: 'nobody@example.com', password: PASSWORD });
    const method = 'POST';
    const json = { 'Content-Type': 'application/json' };
    await whileFull(async () => {
      const batch = await visitor().send('/api/trpc/auth.login,auth.logout?batch=1', {
        ...{ method, body: `{"0":${body}}` },
        headers: { ...json, 'Accept-Language': 'ru' },
      });
      const encoded = await visitor().send('/api/trpc/auth%2Elogin', {
        ...{ method, body },
        headers: { ...json, 'Accept-Language': 'ru', Cookie: 'theme=dark; locale=en' },
      });

      const told = batch.json.map(({ error }: { error: { message: string } }) => error.message);
      expect(told).toEqual(Array(2).fill('Сейчас входит слишком много людей. Попробуйте ещё раз.'));
      expect(encoded.json.error.message).toBe(
        'Too many people are signing in at this moment. Please try again.',
      );
    });
  });

  it.each([
    'auth%252Elogin',
    'auth%25252Elogin',
    'auth.login#',
    'auth.login.rsc',
    '[trpc]?trpc=auth.login',
    'auth.me,nobody?batch=1',
  ])('are refused however the name is written: %s', async (name) => {
    await whileFull(async () => {
      const socket = await written(server.origin, postOf(`/api/trpc/${name}`, '{}'));
      expect((await firstAnswer(socket)).status).toBe(503);
      socket.destroy();
      expect((await visitor().me()).status).toBe(401);
    });
  });
});
