import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDoor } from '../src/server/password-door.ts';
import { storesMode } from './support/modes.ts';
import { endlessPostOf, firstAnswer, LOG_IN, postOf, written } from './support/raw-client.ts';
import { type Server, startServer, type Variables } from './support/server.ts';
import { newEmail, newTranscript, PASSWORD, Visitor } from './support/visitor.ts';

/** Requests with a password that are let in, and bytes that a body may have. */
const INSIDE = 4;
const MOST_BYTES = 16_384;
const METRICS_TOKEN = 'metrics-token-of-this-test';
const LOCKED = 'BEGIN; LOCK TABLE "User" IN ACCESS EXCLUSIVE MODE';
const LOOKING_UP = `SELECT 1 FROM pg_stat_activity
  WHERE wait_event_type = 'Lock' AND datname = current_database()`;
const PATIENT = { timeout: 15_000, interval: 20 };

let server: Server;
let sql: pg.Pool;
let email: string;

beforeAll(async () => {
  const variables: Variables = { ...(await storesMode()), METRICS_TOKEN };
  sql = new pg.Pool({ connectionString: variables['DATABASE_URL'], max: 2 });
  // Longer than any of these tests holds its lock.
  server = await startServer({ ...variables, SESSION_POSTGRES_TIMEOUT: '20s' });
  email = await visitor().register();
}, 300_000);

afterAll(async () => {
  await server?.stop();
  await sql?.end();
});

const visitor = () => new Visitor(server.origin, newTranscript());
const logIn = () => postOf(LOG_IN, JSON.stringify({ email: newEmail(), password: PASSWORD }));
const many = (text: () => string, count = INSIDE + 1): Promise<Socket[]> =>
  Promise.all(Array.from({ length: count }, () => written(server.origin, text())));

async function waiting(): Promise<number> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const { text } = await visitor().send('/api/metrics', { headers });
  return Number(/^session_password_hashes_waiting (\d+)/m.exec(text)?.[1]);
}

const waits = (count: number): Promise<void> =>
  vi.waitFor(async () => expect(await waiting()).toBe(count), PATIENT);

const somebodySignsIn = (): Promise<void> =>
  vi.waitFor(async () => expect((await visitor().login(email)).status).toBe(200), PATIENT);

/** While nobody can be looked up: a log-in stays in its middle. */
async function inTheMiddle(work: () => Promise<void>): Promise<void> {
  const operator = await sql.connect();
  try {
    await operator.query(LOCKED);
    await work();
    await operator.query('COMMIT');
  } finally {
    // With its connection goes the lock.
    operator.release(true);
  }
}

describe('a place at the door is given back', () => {
  it.each<[how: string, hangUp: (socket: Socket) => unknown]>([
    ['closed', (socket) => socket.destroy()],
    ['reset', (socket) => socket.resetAndDestroy()],
    ['half closed', (socket) => socket.resume().end()],
  ])('with a connection that is %s, again and again', async (_, hangUp) => {
    await inTheMiddle(async () => {
      for (let time = 0; time < 2; time += 1) {
        const sockets = await many(logIn);
        await waits(1);
        sockets.forEach(hangUp);
        await waits(0);
      }
    });
    await somebodySignsIn();
  });

  it('by who leaves while waiting for a turn', async () => {
    await inTheMiddle(async () => {
      const inside = await many(logIn, INSIDE);
      const line = await many(logIn, 3);
      await waits(3);
      for (const socket of line) socket.destroy();
      await waits(0);
      for (const socket of inside) socket.destroy();
    });
    await somebodySignsIn();
  });

  it('by many requests that were sent on one connection', async () => {
    await inTheMiddle(async () => {
      const socket = await written(server.origin, Array.from({ length: 9 }, logIn).join(''));
      await vi.waitFor(async () => {
        expect((await sql.query(LOOKING_UP)).rows).not.toEqual([]);
      }, PATIENT);
      socket.destroy();
    });
    await somebodySignsIn();
  });
});

it('a turn ends when the answer is made, also where nobody reads it', async () => {
  openDoor();
  const door = Reflect.get(globalThis, Symbol.for('@repo/web/password-door'));
  const application = createServer((request, response) => {
    const letIn = () => {
      // More than the buffers between the two take, so that it is not sent before it is read.
      response.end(Buffer.alloc(request.headers['x-reads'] === 'nothing' ? 32_000_000 : 0));
      return once(response, 'finish');
    };
    door(request, response, letIn);
  }).listen(0, '127.0.0.1');
  await once(application, 'listening');
  const { port } = Object(application.address());
  const origin = `http://127.0.0.1:${port}`;
  const unread = postOf(LOG_IN, '{}', { 'X-Reads': 'nothing' });
  const sockets = await Promise.all([...Array(INSIDE)].map(() => written(origin, unread)));
  expect((await fetch(origin + LOG_IN, { method: 'POST', body: '{}' })).status).toBe(200);
  for (const socket of sockets) socket.destroy();
  application.close();
});

describe('no place is taken', () => {
  const short = '{"a":"'.padEnd(MOST_BYTES, 'x');

  it.each([
    ['half of its body', postOf(LOG_IN, '{"email":', { 'Content-Length': '60' })],
    ['all but the last byte that is allowed', postOf(LOG_IN, short.slice(1), lengthOf(MOST_BYTES))],
    ['a byte less than it announced', postOf(LOG_IN, short, lengthOf(MOST_BYTES + 1))],
    ['as many bytes as allowed, and no end', endlessPostOf(LOG_IN, short)],
    ['a chunk, and no end', endlessPostOf(LOG_IN, '{"email":')],
  ])('by a log-in that sends %s', async (_, text) => {
    const sockets = await many(() => text);
    // The first may still be ahead of them.
    await somebodySignsIn();
    await somebodySignsIn();
    for (const socket of sockets) socket.destroy();
  });

  it.each([
    ['announces a byte more than allowed', postOf(LOG_IN, '', lengthOf(MOST_BYTES + 1))],
    ['sends more than allowed without an end', endlessPostOf(LOG_IN, `${short}x`)],
  ])('by a log-in that %s: it is refused', async (_, text) => {
    const socket = await written(server.origin, text);
    const { status, text: answer } = await firstAnswer(socket);
    expect(status).toBe(413);
    expect(answer).toContain('"httpStatus":413,"sessionCode":"PAYLOAD_TOO_LARGE","fields":[]');
    socket.destroy();
  });

  it('for ever by a request that never ends: it is given up', async () => {
    const head = await written(server.origin, 'POST /api/trpc/auth.login HTTP/1.1\r\n');
    const body = await written(server.origin, postOf(LOG_IN, '{', lengthOf(60)));
    const statuses = await Promise.all([head, body].map(firstAnswer));
    expect(statuses.map(({ status }) => status)).toEqual([408, 408]);
  });
});

function lengthOf(bytes: number): Record<string, string> {
  return { 'Content-Length': String(bytes) };
}
