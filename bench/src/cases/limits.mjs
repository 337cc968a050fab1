import { hash } from 'node:crypto';
import { forEachOf } from '../measure/waits.mjs';
import { IP, TTL_SECONDS, USER_AGENT } from '../population.mjs';
import { openIoredis, openPool, openRedis } from '../stores.mjs';
import { documentSession } from './seed-parts.mjs';

/** What no design can beat: the digest and one look into a Map of this process. */
export const memory = {
  id: 'limit-memory',
  what: 'Limit: SHA-256 + Map.get',
  settings: 'crypto.hash to base64url, one Map entry with session and user, in an async function',
  async open({ users }) {
    const ids = users.map(({ id }) => `${id}-session-of-43-characters`.slice(0, 43));
    const map = new Map(
      ids.map((id, at) => [digestOf(id), { user: users[at], userAgent: USER_AGENT }]),
    );
    return {
      check: async (index) => map.get(digestOf(ids[index])),
      who: ({ user }) => user.email,
      close: async () => undefined,
    };
  },
};

/** One GET of a session's JSON by the client library that the product uses. */
export const getByNodeRedis = {
  id: 'limit-get',
  what: 'Limit: Redis GET, @redis/client',
  settings: '@redis/client, defaults, one connection; the JSON is not parsed',
  async open({ stores, users }) {
    const client = await openRedis(stores.newRedis());
    const keys = await fill(users, (key, text) => client.set(key, text));
    return {
      check: (index) => client.get(keys[index]),
      who: (text) => users[JSON.parse(text).at].email,
      close: async () => client.destroy(),
    };
  },
};

export const getByIoredis = {
  id: 'limit-get-ioredis',
  what: 'Limit: Redis GET, ioredis',
  settings: 'ioredis, defaults, one connection; the JSON is not parsed',
  async open({ stores, users }) {
    const client = openIoredis(stores.newRedis());
    const keys = await fill(users, (key, text) => client.set(key, text));
    return {
      check: (index) => client.get(keys[index]),
      who: (text) => users[JSON.parse(text).at].email,
      close: async () => client.disconnect(),
    };
  },
};

/** One prepared SELECT by primary key. */
export const selectByKey = {
  id: 'limit-select',
  what: 'Limit: prepared SELECT by primary key',
  settings: 'pg, named statement, pool of 10',
  async open({ stores, users }) {
    const pool = openPool(await stores.newDatabase());
    await pool.query(
      'CREATE TABLE plain (id text PRIMARY KEY, email text NOT NULL, made timestamptz)',
    );
    await pool.query(
      'INSERT INTO plain SELECT id, email, now() FROM unnest($1::text[], $2::text[]) AS t(id, email)',
      [users.map(({ id }) => id), users.map(({ email }) => email)],
    );
    await pool.query('ANALYZE plain');
    const text = 'SELECT id, email, made FROM plain WHERE id = $1';
    return {
      check: async (index) =>
        (await pool.query({ name: 'plain', text, values: [users[index].id] })).rows[0],
      who: (row) => row.email,
      ...insertInto(pool, users),
      close: () => pool.end(),
    };
  },
};

/** The limit of a log-in: one prepared INSERT of a session, committed to disk. */
function insertInto(pool, users) {
  const made = pool.query(
    'CREATE TABLE plain_session (id text PRIMARY KEY, user_id text NOT NULL REFERENCES plain, ip text, user_agent text, expires_at timestamptz)',
  );
  let next = 0;
  const text = `INSERT INTO plain_session VALUES ($1, $2, $3, $4, now() + interval '7 days')`;
  return {
    create: async (index) => {
      await made;
      const values = [`session-${next++}`, users[index].id, IP, USER_AGENT];
      return await pool.query({ name: 'insert', text, values });
    },
  };
}

async function fill(users, set) {
  const keys = users.map(({ id }) => `session:${digestOf(id)}`);
  await forEachOf(users, 64, (user, at) =>
    set(keys[at], JSON.stringify({ at, ...documentSession(user.id, TTL_SECONDS) })),
  );
  return keys;
}

function digestOf(sessionId) {
  return hash('sha256', sessionId, 'base64url');
}
