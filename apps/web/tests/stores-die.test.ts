import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@redis/client';
import {
  createDatabase,
  type PostgresStore,
  type RedisStore,
  startPostgres,
  startRedis,
} from '@repo/local-stores';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureBuilt } from './support/build.ts';
import { migrate, type Server, startServer } from './support/server.ts';
import { newTranscript, PASSWORD, Visitor } from './support/visitor.ts';

const run = promisify(execFile);
/** How long a healed store may take to be used again. */
const HEALED = { timeout: 5_000, interval: 50 };

let postgres: PostgresStore;
let redis: RedisStore;
let databaseUrl: string;
let server: Server;
const transcript = newTranscript();

beforeAll(async () => {
  await ensureBuilt();
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  databaseUrl = await createDatabase(postgres.url);
  await migrate(databaseUrl);
  server = await startServer({
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
  });
}, 300_000);

afterAll(async () => {
  await server?.stop();
  await Promise.all([postgres?.close(), redis?.close()]);
});

const visitor = () => new Visitor(server.origin, transcript);

/** Two browsers of one account. */
async function twoBrowsers(): Promise<[Visitor, Visitor]> {
  const [first, second] = [visitor(), visitor()];
  const email = await first.register();
  expect((await second.login(email)).status).toBe(200);
  return [first, second];
}

async function onRedis<T>(
  use: (client: ReturnType<typeof createClient>) => Promise<T>,
): Promise<T> {
  const client = createClient({ url: redis.url, socket: { reconnectStrategy: false } });
  await client.connect();
  try {
    return await use(client as ReturnType<typeof createClient>);
  } finally {
    await client.close();
  }
}

const flush = () => onRedis((client) => client.flushAll());
const statusOf = async (who: Visitor) => (await who.me()).status;

describe('two browsers of one account', () => {
  it('both stay signed in after FLUSHALL; one that signs out is refused whatever Redis does', async () => {
    const [staying, leaving] = await twoBrowsers();
    await flush();
    expect([await statusOf(staying), await statusOf(leaving)]).toEqual([200, 200]);

    const replay = visitor();
    replay.cookies.set('sessionId', leaving.sessionId);
    await leaving.mutate('auth.logout');
    expect(leaving.cookies.size).toBe(0);
    const refused = async () =>
      expect([await statusOf(staying), await statusOf(replay)]).toEqual([200, 401]);

    await refused();
    await flush();
    await refused();
    await redis.kill();
    await refused();
    await redis.start();
    await refused();
    await vi.waitFor(async () => {
      const { json } = await visitor().send('/api/ready');
      expect(json.degraded).toEqual([]);
    }, HEALED);
    await refused();
  });
});

describe('a store that dies', () => {
  it('Redis: signs in, out and up as if nothing were', async () => {
    const [first] = await twoBrowsers();
    await redis.kill();
    const [third, fourth] = await twoBrowsers();
    expect(await statusOf(first)).toBe(200);
    expect((await third.mutate('auth.logout')).status).toBe(200);
    expect([await statusOf(third), await statusOf(fourth)]).toEqual([401, 200]);
    await redis.start();
  });

  it('PostgreSQL: who is signed in goes on, the rest is told to ask again, and it heals', async () => {
    await vi.waitFor(async () => {
      expect((await visitor().send('/api/ready')).json.degraded).toEqual([]);
    }, HEALED);
    const [first] = await twoBrowsers();
    const { sessionId } = first;
    await postgres.kill();

    expect(await statusOf(first)).toBe(200);
    const login = await visitor().login('nobody@example.com', PASSWORD);
    expect(login.status).toBe(503);
    expect(login.headers.get('retry-after')).not.toBeNull();
    const logout = await first.mutate('auth.logout');
    expect(logout.status).toBe(503);
    expect(first.sessionId).toBe(sessionId);

    await postgres.start();
    await vi.waitFor(
      async () => expect((await first.mutate('auth.logout')).status).toBe(200),
      HEALED,
    );
  });

  it('both: 503 and the cookie stays, then everything goes on', async () => {
    const [first] = await twoBrowsers();
    await Promise.all([postgres.kill(), redis.kill()]);
    const answer = await first.me();
    expect(answer.status).toBe(503);
    expect(answer.setCookies).toEqual([]);
    expect((await visitor().send('/api/health')).status).toBe(200);
    expect((await visitor().send('/api/ready')).status).toBe(503);
    expect((await visitor().me()).status).toBe(401);

    await Promise.all([postgres.start(), redis.start()]);
    await vi.waitFor(async () => expect(await statusOf(first)).toBe(200), HEALED);
  });
});

describe('what is left in the stores', () => {
  it('holds no sessionId, no password and no key without an end', async () => {
    const [first] = await twoBrowsers();
    await first.me();
    const { keys, values, ttls } = await onRedis(async (client) => {
      const found: string[] = [];
      for await (const page of client.scanIterator()) found.push(...page);
      const read = await Promise.all(found.map((key) => client.get(key)));
      const left = await Promise.all(found.map((key) => client.pTTL(key)));
      return { keys: found, values: read, ttls: left };
    });
    const dump = [...keys, ...values, await dumpOfPostgres()].join('\n');

    expect(transcript.sessionIds.length).toBeGreaterThan(8);
    for (const secret of [...transcript.sessionIds, PASSWORD]) {
      expect(dump.includes(secret)).toBe(false);
      expect(server.log().includes(secret)).toBe(false);
      expect(transcript.bodies.some((body) => body.includes(secret))).toBe(false);
    }
    expect(transcript.bodies.some((body) => /hashedPassword|\$argon2/.test(body))).toBe(false);
    expect(ttls.every((ttl) => ttl > 0)).toBe(true);
    expect(dump).toContain('$argon2id$');
  });
});

/** By `pg_dump` where it is, else both tables row by row. */
async function dumpOfPostgres(): Promise<string> {
  if (postgres.binDir !== null) {
    const options = { maxBuffer: 64 * 1024 * 1024 };
    return (await run(join(postgres.binDir, 'pg_dump'), [databaseUrl], options)).stdout;
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query(
    'SELECT row_to_json(u)::text AS row FROM "User" u UNION ALL SELECT row_to_json(s)::text FROM sessions."Session" s',
  );
  await client.end();
  return rows.map(({ row }) => row).join('\n');
}
