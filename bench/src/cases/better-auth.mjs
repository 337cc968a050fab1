import { createHmac } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { forEachOf } from '../measure/waits.mjs';
import { IP, USER_AGENT } from '../population.mjs';
import { openIoredis, openPool } from '../stores.mjs';

const SECRET = 'a secret of the benchmark, long enough to be one';
const COOKIE = 'better-auth.session_token';

/** Where its cookie cache would run out during a full run, at the default of 300 s. */
const CACHE_SECONDS = 3_600;

/** More cookies than this would only make the preparation longer. */
const MOST_CACHED = 1_000;

export const betterAuthPg = {
  id: 'better-auth-pg',
  what: 'better-auth, PostgreSQL',
  settings: 'auth.api.getSession with the signed cookie; pg pool of 10; rate limit and logger off',
  open: (context) => openBetterAuth(context, {}),
};

export const betterAuthRedis = {
  id: 'better-auth-redis',
  what: 'better-auth, Redis secondary storage',
  settings: 'as above, secondaryStorage over ioredis (GET, SET EX, DEL), sessions in Redis only',
  open: (context) => openBetterAuth(context, { redis: true }),
};

export const betterAuthBoth = {
  id: 'better-auth-both',
  what: 'better-auth, Redis and storeSessionInDatabase',
  settings: 'as above, with session.storeSessionInDatabase: true',
  open: (context) => openBetterAuth(context, { redis: true, both: true }),
};

export const betterAuthCache = {
  id: 'better-auth-cache',
  what: 'better-auth, cookie cache',
  settings: `session.cookieCache, compact (default), maxAge ${CACHE_SECONDS} s so that it lasts the run`,
  open: (context) => openBetterAuth(context, { cached: true }),
};

async function openBetterAuth({ stores, users }, { redis: withRedis, both, cached }) {
  const pool = openPool(await stores.newDatabase());
  const redis = withRedis ? openIoredis(stores.newRedis()) : null;
  const auth = betterAuth(optionsFor({ pool, redis, both, cached }));
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  await insertUsers(pool, users);

  const { internalAdapter } = await auth.$context;
  const create = (index) =>
    internalAdapter.createSession(users[index].id, false, { ipAddress: IP, userAgent: USER_AGENT });
  const headers = new Array(users.length);
  await forEachOf(users, 32, async (_user, at) => {
    headers[at] = headersFor((await create(at)).token);
  });
  if (cached) await withCookieCache(auth, headers);
  const known = cached ? Math.min(users.length, MOST_CACHED) : users.length;

  return {
    internalAdapter,
    pool,
    redis,
    // A session of its own for each index, as far as there are any.
    check: (index) => auth.api.getSession({ headers: headers[index % known] }),
    who: ({ user, session }) => (session.userId === user.id ? user.email : null),
    expected: (index) => users[index % known].email,
    forged: async (sessionId) =>
      (await auth.api.getSession({ headers: forgedHeaders(sessionId) })) === null,
    create,
    flush: () => redis.flushdb(),
    close: async () => {
      redis?.disconnect();
      await pool.end();
    },
  };
}

function optionsFor({ pool, redis, both, cached }) {
  return {
    baseURL: 'http://localhost:3000',
    secret: SECRET,
    database: pool,
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    ...(redis === null ? {} : { secondaryStorage: storageOver(redis) }),
    session: {
      ...(both ? { storeSessionInDatabase: true } : {}),
      ...(cached ? { cookieCache: { enabled: true, maxAge: CACHE_SECONDS } } : {}),
    },
  };
}

/** As its documentation shows for Redis. */
function storageOver(redis) {
  return {
    get: (key) => redis.get(key),
    getAndDelete: (key) => redis.getdel(key),
    increment: async (key, ttl) => {
      const count = await redis.incr(key);
      if (count === 1) await redis.expire(key, ttl);
      return count;
    },
    set: async (key, value, ttl) => {
      if (ttl) await redis.set(key, value, 'EX', ttl);
      else await redis.set(key, value);
    },
    delete: async (key) => void (await redis.del(key)),
  };
}

async function insertUsers(pool, users) {
  await pool.query(
    `INSERT INTO "user" ("id", "email", "name", "emailVerified", "createdAt", "updatedAt")
     SELECT id, email, name, false, now(), now() FROM unnest($1::text[], $2::text[], $3::text[]) AS t(id, email, name)`,
    [users.map(({ id }) => id), users.map(({ email }) => email), users.map(({ name }) => name)],
  );
  await pool.query('ANALYZE');
}

function headersFor(token) {
  const signature = createHmac('sha256', SECRET).update(token).digest('base64');
  return new Headers({ cookie: `${COOKIE}=${encodeURIComponent(`${token}.${signature}`)}` });
}

function forgedHeaders(sessionId) {
  return new Headers({ cookie: `${COOKIE}=${encodeURIComponent(`${sessionId}.${sessionId}=`)}` });
}

/** Lets it answer with its cache cookie, and presents that from then on, as a browser does. */
async function withCookieCache(auth, headers) {
  const count = Math.min(headers.length, MOST_CACHED);
  await forEachOf(headers.slice(0, count), 32, async (own, at) => {
    const answer = await auth.api.getSession({ headers: own, returnHeaders: true });
    const set = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
    headers[at] = new Headers({ cookie: [own.get('cookie'), ...set].join('; ') });
  });
}
