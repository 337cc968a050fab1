import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { dropUserCopies, lookUpAll, openSessions, ourManager, ourStores } from '../cases/ours.mjs';
import { makeUsers } from '../population.mjs';
import { noteRow, shareRow } from '../report/rows.mjs';
import { openRedis, usedMemory, withPostgres } from '../stores.mjs';

const CHILD = fileURLToPath(new URL('./memory-child.mjs', import.meta.url));

/**
 * Bytes per session. In Redis by `used_memory`, so that dictionaries count; in PostgreSQL with indexes;
 * of near copies by the heap of a process of their own. Ours is weighed in stores that hold nothing
 * else: beside the cases, Redis also remembers for two managers which keys they have near.
 */
export async function measureMemory({ opened, plan, stores, users, say }) {
  const by = Object.fromEntries(opened.map(({ id, open }) => [id, open]));
  const bytes = {};
  // Redis forgets what it tracks for near copies with the first flush, whosever keys it takes.
  await by['ours-near'].flush();
  for (const id of ['seed-pg', 'better-auth-redis', 'connect-redis']) {
    bytes[id] = (await freed(stores, () => by[id].flush())) / users.length;
  }
  const rows = {
    inUse: await tableBytes(by['ours-miss'].pool, 'sessions."Session"'),
    betterAuth: await tableBytes(by['better-auth-pg'].pool, 'session'),
    authJs: await tableBytes(by['auth-js-pg'].pool, 'sessions'),
    lucia: await tableBytes(by.lucia.pool, 'sessions'),
  };
  say('weighed what the stores hold');
  const ours = await ourBytes(stores, plan.nearMemory);
  say('weighed near copies');
  return rowsOf(bytes, rows, ours);
}

async function freed({ redis }, work) {
  const before = await usedMemory(redis);
  await work();
  return before - (await usedMemory(redis));
}

async function tableBytes(pool, table) {
  const { rows } = await pool.query(
    `SELECT pg_total_relation_size('${table}')::float8 / count(*) AS bytes FROM ${table}`,
  );
  return rows[0].bytes;
}

/** So many sessions, just opened; then a process that has them all near. */
async function ourBytes(stores, count) {
  const users = makeUsers(count);
  const urls = await ourStores(stores, users);
  const empty = await usedMemory(stores.redis);
  const opener = await ourManager(urls, { nearCopies: 0 });
  const sessionIds = await openSessions(opener, users);
  const both = (await usedMemory(stores.redis)) - empty;
  const redis = await openRedis(urls.redisUrl);
  const user = await freed(stores, () => dropUserCopies(redis));
  redis.destroy();
  await lookUpAll(opener, sessionIds);
  await opener.close();
  const [record, subject] = await withPostgres(urls.databaseUrl, async (client) => [
    await tableBytes(client, 'sessions."Session"'),
    await tableBytes(client, 'sessions."Subject"'),
  ]);

  const child = fork(CHILD, { execArgv: ['--expose-gc'] });
  child.send({ urls, sessionIds });
  const [near] = await once(child, 'message');
  if (near.error !== undefined) throw new Error(near.error);
  const tracked = (await usedMemory(stores.redis)) - empty - both;
  child.send('end');
  await once(child, 'exit');

  const each = (bytes) => bytes / count;
  return {
    session: each(both - user),
    user: each(user),
    tracked: each(tracked),
    record,
    subject,
    near: near.bytes,
  };
}

function rowsOf(bytes, rows, ours) {
  const against = (id, what, value, most) => shareRow({ id, what, value, most });
  const size = (id, what, value) => noteRow({ id, what, value, unit: 'B' });
  return [
    against(
      '15a',
      "Redis: a session against the document's design",
      ours.session / bytes['seed-pg'],
      1.2,
    ),
    against(
      '15b',
      'Redis: session and user against better-auth',
      (ours.session + ours.user) / bytes['better-auth-redis'],
      0.7,
    ),
    against('15c', 'PostgreSQL: a session against better-auth', ours.record / rows.betterAuth, 1),
    shareRow({
      id: '15d',
      what: 'Near copy with its user, heap',
      value: ours.near,
      most: 650,
      unit: 'B',
    }),
    size('15 redis ours', 'Redis: a session, ours', ours.session),
    size('15 redis user', 'Redis: a user, ours', ours.user),
    size('15 redis near', 'Redis: what it keeps of one near copy, two keys', ours.tracked),
    size('15 redis seed', "Redis: a session, the document's design", bytes['seed-pg']),
    size('15 redis better-auth', 'Redis: a session, better-auth', bytes['better-auth-redis']),
    size('15 redis connect-redis', 'Redis: a session, connect-redis', bytes['connect-redis']),
    size('15 pg ours', 'PostgreSQL: a session with indexes, ours', ours.record),
    size('15 pg user', 'PostgreSQL: a user who has signed in, ours', ours.subject),
    size(
      '15 pg in use',
      'PostgreSQL: the same after the slices, each seen once a minute',
      rows.inUse,
    ),
    size('15 pg better-auth', 'PostgreSQL: a session with indexes, better-auth', rows.betterAuth),
    size('15 pg auth-js', 'PostgreSQL: a session with indexes, Auth.js', rows.authJs),
    size('15 pg lucia', 'PostgreSQL: a session with indexes, Lucia pattern', rows.lucia),
  ];
}
