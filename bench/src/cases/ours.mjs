import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { UserManagerFactory } from '@repo/session-management';
import { sinceOf } from '../measure/rounds.mjs';
import { forEachOf } from '../measure/waits.mjs';
import { IP, TTL_SECONDS, USER_AGENT } from '../population.mjs';
import { withPostgres } from '../stores.mjs';

const METADATA = { ip: IP, userAgent: USER_AGENT };
const AT_ONCE = 32;
const LOOK_AGAIN_MS = 20;
const MOST_TRIES = 20;
/** A slice of near copies in which fewer were near measures something else. */
export const LEAST_NEAR = 0.99;
const WELL_WITHIN_MS = 20_000;

/** How often the product said that a store was slow or gone; told once, at the end. */
export const warnings = { count: 0 };

const logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => void warnings.count++,
  error: (event, facts) => console.error('the product fails:', event, facts ?? ''),
};

/** The product's stores for this population: migrated by its own command, users by SQL. */
export async function ourStores(stores, users) {
  const databaseUrl = await stores.newDatabase();
  const redisUrl = stores.newRedis();
  const door = createRequire(import.meta.url).resolve('@repo/session-management');
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
  };
  await promisify(execFile)(process.execPath, [join(dirname(door), 'cli/main.js'), 'migrate'], {
    env,
  });
  await withPostgres(databaseUrl, async (client) => {
    await insertUsers(client, users);
    await client.query('ANALYZE');
  });
  return { databaseUrl, redisUrl };
}

/** By SQL, on a client or a pool of the product's database. */
export async function insertUsers(client, users) {
  await client.query(
    'INSERT INTO "User" ("id", "email") SELECT id, email FROM unnest($1::text[], $2::text[]) AS t(id, email)',
    [users.map(({ id }) => id), users.map(({ email }) => email)],
  );
}

/** A manager as an application gets it: the factory, production, both URLs. */
export function ourManager(urls, options = {}) {
  return UserManagerFactory.create({ ...urls, logger, ...options });
}

/** One session for each user, by the public verb. */
export async function openSessions(manager, users) {
  const sessionIds = new Array(users.length);
  await forEachOf(users, AT_ONCE, async ({ id }, at) => {
    sessionIds[at] = await createPatiently(manager, id);
  });
  return sessionIds;
}

/** Preparation only: where the first connections take long, the product's 503 is asked again. */
async function createPatiently(manager, userId) {
  for (let tries = 1; ; tries++) {
    try {
      return await manager.createSession(userId, METADATA, TTL_SECONDS);
    } catch (error) {
      if (error.code !== 'STORE_UNAVAILABLE' || tries === MOST_TRIES) throw error;
      await delay(LOOK_AGAIN_MS * tries);
    }
  }
}

/**
 * Until both stores answer and the fast one is believed. A peer that keeps the event loop busy can
 * make the product take Redis for slow; in a server of its own it has no such neighbour.
 */
async function untilWell(manager) {
  const deadline = performance.now() + WELL_WITHIN_MS;
  while (performance.now() < deadline) {
    const { stores, propagation } = await manager.health();
    const well = [stores.record, stores.copies].every(
      ({ reachable, degradedSince }) => reachable && degradedSince === null,
    );
    if (well && propagation.trusted) return;
    await delay(LOOK_AGAIN_MS);
  }
  throw new Error(`the stores were not well within ${WELL_WITHIN_MS / 1_000} s`);
}

/** Looks each session up once, so that what is measured next is a hit of the tier that is named. */
export async function lookUpAll(manager, sessionIds) {
  await untilWell(manager);
  await forEachOf(sessionIds, AT_ONCE, (sessionId) => manager.validateSession(sessionId));
}

/** What near copies were asked and answered so far, and how often the product has warned. */
export async function hitsOf(manager) {
  return { ...(await manager.health()).nearCopies, warnings: warnings.count };
}

/**
 * Confirmed, so that no copy comes of age in the next slice, then looked up until a second pass over
 * all of them is what its case is called.
 */
export async function untilAsCalled({ manager, sessionIds, asCalled }) {
  await untilWell(manager);
  await forEachOf(sessionIds, AT_ONCE, (each) => manager.validateSession(each, { confirm: true }));
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    await lookUpAll(manager, sessionIds);
    const before = await hitsOf(manager);
    await lookUpAll(manager, sessionIds);
    if (asCalled(sinceOf(before, await hitsOf(manager)))) return;
    await delay(LOOK_AGAIN_MS * tries);
  }
}

/** The three ways in which a lookup of the product can end well, as cases. */
export function ourCases(shared) {
  return [
    ourCase(shared, {
      id: 'ours-near',
      what: 'Ours: near copy',
      settings:
        'validateSession; near copies for all sessions; each looked up once before the slice',
      options: ({ users }) => ({ nearCopies: users.length * 2 }),
      asCalled: ({ near }) => near >= LEAST_NEAR,
    }),
    ourCase(shared, {
      id: 'ours-miss',
      what: 'Ours: fast copy in Redis',
      settings: 'validateSession; nearCopies: 0; each looked up once before the slice',
      options: () => ({ nearCopies: 0 }),
      asCalled: ({ near, warnings: told }) => near === 0 && told === 0,
    }),
    ourCase(shared, {
      id: 'ours-tenth',
      what: 'Ours: near copies for 10 %',
      settings: 'validateSession; near copies for a tenth of the sessions',
      options: ({ users }) => ({ nearCopies: Math.ceil(users.length / 10) }),
      asCalled: ({ warnings: told }) => told === 0,
    }),
  ];
}

function ourCase(shared, { id, what, settings, options, asCalled }) {
  return {
    id,
    what,
    settings,
    async open(context) {
      const { urls, sessionIds, pool, redis } = await shared(context);
      const manager = await ourManager(urls, options(context));
      return {
        manager,
        sessionIds,
        urls,
        pool,
        redis,
        hits: () => hitsOf(manager),
        asCalled,
        check: (index) => manager.validateSession(sessionIds[index]),
        good: (answer) => answer.status === 'active',
        who: ({ user, session }) => (session.userId === user.id ? user.email : null),
        refresh: () => untilAsCalled({ manager, sessionIds, asCalled }),
        forged: async (sessionId) => (await manager.validateSession(sessionId)).status === 'none',
        create: (index) => manager.createSession(context.users[index].id, METADATA, TTL_SECONDS),
        flush: () => redis.flushDb(),
        close: () => manager.close(),
      };
    },
  };
}

export async function dropUserCopies(redis) {
  for await (const keys of redis.scanIterator({ MATCH: 'su:*', COUNT: 1_000 })) {
    if (keys.length > 0) await redis.del(keys);
  }
}
