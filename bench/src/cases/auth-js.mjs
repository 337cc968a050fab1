import { decode, encode } from '@auth/core/jwt';
import PostgresAdapter from '@auth/pg-adapter';
import { generateSessionId } from '@repo/session-management';
import { forEachOf } from '../measure/waits.mjs';
import { openPool } from '../stores.mjs';

const SECRET = 'a secret of the benchmark, long enough to be one';
const SALT = 'authjs.session-token';
const MOST_TOKENS = 2_000;

/** The tables that its documentation gives, and the index on sessionToken that they lack. */
const TABLES = `
  CREATE TABLE users (id SERIAL PRIMARY KEY, name VARCHAR(255), email VARCHAR(255), "emailVerified" TIMESTAMPTZ, image TEXT);
  CREATE TABLE sessions (id SERIAL PRIMARY KEY, "userId" INTEGER NOT NULL, expires TIMESTAMPTZ NOT NULL, "sessionToken" VARCHAR(255) NOT NULL);
  CREATE UNIQUE INDEX ON sessions ("sessionToken")`;

export const authJsPg = {
  id: 'auth-js-pg',
  what: 'Auth.js, PostgreSQL adapter',
  settings: 'getSessionAndUser; pg pool of 10; the documented tables and an index on sessionToken',
  async open({ stores, users }) {
    const pool = openPool(await stores.newDatabase());
    await pool.query(TABLES);
    await pool.query(
      'INSERT INTO users (email, name) SELECT email, name FROM unnest($1::text[], $2::text[]) AS t(email, name)',
      [users.map(({ email }) => email), users.map(({ name }) => name)],
    );
    const adapter = PostgresAdapter(pool);
    const expires = new Date(Date.now() + 604_800_000);
    const create = async (index) => {
      const sessionToken = generateSessionId();
      await adapter.createSession({ sessionToken, userId: index + 1, expires });
      return sessionToken;
    };
    const tokens = new Array(users.length);
    await forEachOf(users, 32, async (_user, at) => {
      tokens[at] = await create(at);
    });
    await pool.query('ANALYZE');
    return {
      pool,
      check: (index) => adapter.getSessionAndUser(tokens[index]),
      who: ({ user, session }) => (session.userId === user.id ? user.email : null),
      forged: async (token) => (await adapter.getSessionAndUser(token)) === null,
      create,
      close: () => pool.end(),
    };
  },
};

export const authJsJwt = {
  id: 'auth-js-jwt',
  what: 'Auth.js, JWT (encrypted)',
  settings: 'decode of @auth/core/jwt: A256CBC-HS512, its only form; cannot be revoked',
  async open({ users }) {
    const some = users.slice(0, MOST_TOKENS);
    const tokens = await Promise.all(
      some.map(({ id, email, name }) =>
        encode({ token: { sub: id, email, name }, secret: SECRET, salt: SALT }),
      ),
    );
    return {
      check: (index) => decode({ token: tokens[index % some.length], secret: SECRET, salt: SALT }),
      who: ({ email }) => email,
      expected: (index) => some[index % some.length].email,
      close: async () => undefined,
    };
  },
};
