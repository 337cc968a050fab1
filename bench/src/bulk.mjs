import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ourManager, ourStores } from './cases/ours.mjs';
import { IP, TTL_SECONDS, USER_AGENT } from './population.mjs';
import { openRedis, withPostgres } from './stores.mjs';

const WIDTH = 43;
const PIPELINE = 5_000;
const LOOK_AGAIN_MS = 20;

/**
 * So many users with a session each, too many to be opened one by one: the records by three statements,
 * the fast copies of the sessions by pipelines, after the pattern of one that the product wrote itself.
 * Users' copies appear when they are looked up, as for any session that nobody has used lately.
 */
export async function loadInBulk(stores, count) {
  const urls = await ourStores(stores, []);
  await withPostgres(urls.databaseUrl, async (client) => {
    await client.query(USERS, [count]);
    await client.query(SUBJECTS);
    await client.query(SESSIONS, [count, WIDTH, TTL_SECONDS, IP, USER_AGENT]);
    await client.query('VACUUM ANALYZE');
  });
  const redis = await openRedis(urls.redisUrl);
  try {
    await loadCopies(redis, await patternOf(redis, urls), count);
  } finally {
    redis.destroy();
  }
  return urls;
}

/** As long as the product's, and known by its number. */
export function sessionIdAt(index) {
  return String(index).padStart(WIDTH, 's');
}

export function keyAt(index) {
  return `session:${digestAt(index)}`;
}

export function userIdAt(index) {
  return `00000000-0000-4000-8000-${hex(index)}`;
}

const USERS = `INSERT INTO "User" ("id", "email")
  SELECT '00000000-0000-4000-8000-' || lpad(to_hex(at), 12, '0'), 'user-' || at || '@example.org'
  FROM generate_series(0, $1::int - 1) AS at`;

/** One version for all, so that a copy of the first session is a pattern for every other. */
const SUBJECTS = `WITH first AS MATERIALIZED (SELECT sessions.next_version(0) AS version)
  INSERT INTO sessions."Subject" ("userId", "version") SELECT u."id", first.version FROM "User" u, first`;

/** Handles rise, as UUIDv7 do. */
const SESSIONS = `INSERT INTO sessions."Session"
    ("id", "digest", "subject", "stamp", "idVersion", "createdAt", "lastSeenAt", "authenticatedAt",
    "expiresAt", "absoluteExpiresAt", "ip", "userAgent")
  SELECT ('019a0000-0000-7000-8000-' || lpad(to_hex(at), 12, '0'))::uuid,
    sessions.digest(lpad(at::text, $2::int, 's')),
    o."id", o."counter", o."version", now(), now(), now(),
    now() + $3::int * interval '1 second', now() + interval '30 days', $4::text, $5::text
  FROM generate_series(0, $1::int - 1) AS at
  JOIN sessions."Subject" o ON o."userId" = '00000000-0000-4000-8000-' || lpad(to_hex(at), 12, '0')`;

/** The copy of the first session, as the product itself has written it; by a manager that nobody else gets. */
async function patternOf(redis, urls) {
  const manager = await ourManager(urls, { nearCopies: 1 });
  try {
    for (;;) {
      const { status } = await manager.validateSession(sessionIdAt(0));
      if (status !== 'active') throw new Error('a session that was loaded in bulk does not live');
      const text = await redis.get(keyAt(0));
      if (text !== null) return { text, ttl: await redis.ttl(keyAt(0)) };
      await delay(LOOK_AGAIN_MS);
    }
  } finally {
    await manager.close();
  }
}

async function loadCopies(redis, { text, ttl }, count) {
  const copy = JSON.parse(text);
  const textAt = (index) =>
    JSON.stringify({
      ...copy,
      user_id: userIdAt(index),
      digest: digestAt(index).slice(0, copy.digest.length),
      handle: `${copy.handle.slice(0, -12)}${hex(index)}`,
    });
  if (textAt(0) !== text) throw new Error('a copy made in bulk is not what the product writes');
  for (let from = 0; from < count; from += PIPELINE) {
    const indexes = Array.from({ length: Math.min(PIPELINE, count - from) }, (_, at) => from + at);
    await Promise.all(indexes.map((at) => redis.set(keyAt(at), textAt(at), { EX: ttl })));
  }
}

function digestAt(index) {
  return hash('sha256', sessionIdAt(index), 'base64url');
}

function hex(index) {
  return index.toString(16).padStart(12, '0');
}
