import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ourStores } from '../cases/ours.mjs';
import { makeUsers } from '../population.mjs';
import { noteRow, shareRow } from '../report/rows.mjs';
import { usedMemory } from '../stores.mjs';

const CHILD = fileURLToPath(new URL('./memory-child.mjs', import.meta.url));

/**
 * Bytes per session. In Redis by `used_memory` before and after FLUSHDB, so that dictionaries
 * count; in PostgreSQL with indexes; of near copies by the heap of a process of their own.
 */
export async function measureMemory({ opened, plan, stores, users, say }) {
  const by = Object.fromEntries(opened.map(({ id, open }) => [id, open]));
  const userCopies = await freed(stores, () => by['ours-miss'].dropUserCopies());
  const bytes = { user: userCopies / users.length };
  for (const id of ['ours-miss', 'seed-pg', 'better-auth-redis', 'connect-redis']) {
    bytes[id] = (await freed(stores, () => by[id].flush())) / users.length;
  }
  bytes['ours-miss'] *= users.length / (await rowCount(by['ours-miss'].pool, '"Session"'));
  const rows = {
    ours: await tableBytes(by['ours-miss'].pool, '"Session"'),
    betterAuth: await tableBytes(by['better-auth-pg'].pool, 'session'),
    authJs: await tableBytes(by['auth-js-pg'].pool, 'sessions'),
    lucia: await tableBytes(by.lucia.pool, 'sessions'),
  };
  say('weighed what the stores hold');
  const near = await nearBytes(stores, plan.nearMemory);
  say('weighed near copies');
  return rowsOf(bytes, rows, near);
}

async function freed({ redis }, work) {
  const before = await usedMemory(redis);
  await work();
  return before - (await usedMemory(redis));
}

async function rowCount(pool, table) {
  const { rows } = await pool.query(`SELECT count(*)::int AS count FROM ${table}`);
  return rows[0].count;
}

async function tableBytes(pool, table) {
  const { rows } = await pool.query(
    `SELECT pg_total_relation_size('${table}')::float8 / count(*) AS bytes FROM ${table}`,
  );
  return rows[0].bytes;
}

/** A process that fills its near copies and answers what its heap grew by. */
async function nearBytes(stores, count) {
  const urls = await ourStores(stores, makeUsers(count));
  const child = fork(CHILD, { execArgv: ['--expose-gc'] });
  child.send({ urls, count });
  const [answer] = await once(child, 'message');
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}

function rowsOf(bytes, rows, near) {
  const ours = bytes['ours-miss'];
  const against = (id, what, value, most) => shareRow({ id, what, value, most });
  const size = (id, what, value) => noteRow({ id, what, value, unit: 'B' });
  return [
    against('15a', "Redis: a session against the document's design", ours / bytes['seed-pg'], 1.35),
    against(
      '15b',
      'Redis: session and user against better-auth',
      (ours + bytes.user) / bytes['better-auth-redis'],
      0.5,
    ),
    against('15c', 'PostgreSQL: a session against better-auth', rows.ours / rows.betterAuth, 1),
    shareRow({
      id: '15d',
      what: 'Near copy with its user, heap',
      value: near.bytes,
      most: 650,
      unit: 'B',
    }),
    size('15 redis ours', 'Redis: a session, ours', ours),
    size('15 redis user', 'Redis: a user, ours', bytes.user),
    size('15 redis seed', "Redis: a session, the document's design", bytes['seed-pg']),
    size('15 redis better-auth', 'Redis: a session, better-auth', bytes['better-auth-redis']),
    size('15 redis connect-redis', 'Redis: a session, connect-redis', bytes['connect-redis']),
    size('15 pg ours', 'PostgreSQL: a session with indexes, ours', rows.ours),
    size('15 pg better-auth', 'PostgreSQL: a session with indexes, better-auth', rows.betterAuth),
    size('15 pg auth-js', 'PostgreSQL: a session with indexes, Auth.js', rows.authJs),
    size('15 pg lucia', 'PostgreSQL: a session with indexes, Lucia pattern', rows.lucia),
  ];
}
