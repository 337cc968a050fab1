import { hash } from 'node:crypto';
import { generateSessionId } from '@repo/session-management';
import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';
import { forEachOf } from '../measure/waits.mjs';
import { IP, TTL_SECONDS, USER_AGENT } from '../population.mjs';
import { openPool } from '../stores.mjs';

export const connectRedis = {
  id: 'connect-redis',
  what: 'express-session with connect-redis',
  settings: "store.get over the package redis, defaults; the user's public fields in the session",
  async open({ stores, users }) {
    const client = createClient({ url: stores.newRedis() });
    client.on('error', () => undefined);
    await client.connect();
    const store = new RedisStore({ client, ttl: TTL_SECONDS });
    const ids = users.map(() => generateSessionId());
    const sessionOf = (user) => ({
      cookie: { originalMaxAge: TTL_SECONDS * 1_000, httpOnly: true, path: '/' },
      user,
      ip: IP,
      userAgent: USER_AGENT,
    });
    await forEachOf(users, 32, (user, at) => store.set(ids[at], sessionOf(user)));
    return {
      check: (index) => store.get(ids[index]),
      who: ({ user }) => user.email,
      forged: async (id) => (await store.get(id)) === null,
      create: (index) => store.set(generateSessionId(), sessionOf(users[index])),
      flush: () => client.flushDb(),
      close: async () => client.destroy(),
    };
  },
};

const TABLES = `
  CREATE TABLE users (id text PRIMARY KEY, email text NOT NULL UNIQUE, name text);
  CREATE TABLE sessions (id text PRIMARY KEY, user_id text NOT NULL REFERENCES users, expires_at timestamptz NOT NULL, ip text, user_agent text);
  CREATE INDEX ON sessions (user_id)`;

/** What Lucia taught: a digest as the key, and one JOIN. */
export const lucia = {
  id: 'lucia',
  what: 'Lucia pattern: SHA-256 + one JOIN',
  settings: 'crypto.hash, one prepared JOIN of sessions and users; pg pool of 10',
  async open({ stores, users }) {
    const pool = openPool(await stores.newDatabase());
    await pool.query(TABLES);
    await pool.query('INSERT INTO users SELECT * FROM unnest($1::text[], $2::text[], $3::text[])', [
      users.map(({ id }) => id),
      users.map(({ email }) => email),
      users.map(({ name }) => name),
    ]);
    const ids = users.map(() => generateSessionId());
    const insert = async (id, user) => {
      const text = `INSERT INTO sessions VALUES ($1, $2, now() + interval '7 days', $3, $4)`;
      const values = [digestOf(id), user.id, IP, USER_AGENT];
      await pool.query({ name: 'insert', text, values });
      return id;
    };
    await forEachOf(users, 32, (user, at) => insert(ids[at], user));
    await pool.query('ANALYZE');

    const text = `SELECT s.id AS session_id, s.expires_at, s.ip, s.user_agent, u.id, u.email, u.name
      FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1`;
    const find = async (id) => {
      const { rows } = await pool.query({ name: 'find', text, values: [digestOf(id)] });
      return rows.length > 0 && rows[0].expires_at > new Date() ? rows[0] : null;
    };
    return {
      pool,
      check: (index) => find(ids[index]),
      who: ({ email }) => email,
      forged: async (id) => (await find(id)) === null,
      create: (index) => insert(generateSessionId(), users[index]),
      close: () => pool.end(),
    };
  },
};

function digestOf(sessionId) {
  return hash('sha256', sessionId, 'base64url');
}
