import { openSessions } from '../cases/ours.mjs';
import { ratiosOf, spreadOf } from '../measure/statistics.mjs';
import { forEachOf } from '../measure/waits.mjs';
import { countWire, total } from '../measure/wire.mjs';
import { countRow, ratioRow, timeRow } from '../report/rows.mjs';

const MANY = 1_000;
const FEW = 5;
const LISTS = 10;
const FIRST_USER = 100;

/** All sessions of one user, listed and ended: 1,000 of them, and 5. */
export async function measureEnding({ opened, plan, stores, users, say }) {
  const by = Object.fromEntries(opened.map(({ id, open }) => [id, open]));
  const peers = peersOf(by, users);
  const times = Object.fromEntries(
    Object.keys(peers).map((id) => [id, { many: [], few: [], end: [] }]),
  );
  let counts = null;
  // The first repeat warms up and is counted, not timed.
  for (let repeat = 0; repeat <= plan.repeats; repeat++) {
    for (const [id, peer] of Object.entries(peers)) {
      const user = FIRST_USER + repeat;
      await peer.end(user);
      await peer.open(user, FEW);
      const few = await fastest(() => peer.list(user));
      await peer.openMany(user, MANY);
      times[id].listed = (await peer.list(user)).length;
      const listing = await fastest(() => peer.list(user));
      if (repeat === 0) {
        if (id === 'ours-near') counts = await countOnce(stores, peer, user);
        continue;
      }
      times[id].few.push(few);
      times[id].many.push(listing);
      times[id].end.push(await timed(() => peer.end(user)));
    }
  }
  say(`listed and ended ${MANY} sessions of one user, ${plan.repeats} times`);
  return rowsOf(times, counts);
}

function peersOf(by, users) {
  const { manager } = by['ours-near'];
  const betterAuth = ({ internalAdapter, create: open }, atOnce) => ({
    open: (user, count) => many(count, atOnce, () => open(user)),
    openMany: (user, count) => many(count - FEW, atOnce, () => open(user)),
    list: (user) => internalAdapter.listSessions(users[user].id),
    end: (user) => internalAdapter.deleteUserSessions(users[user].id),
  });
  const ours = (user, count) => openSessions(manager, Array(count).fill(users[user]));
  return {
    'ours-near': {
      open: ours,
      openMany: (user, count) => ours(user, count - FEW),
      list: (user) => manager.listSessions(users[user].id),
      end: (user) => manager.revokeAllSessions(users[user].id),
    },
    'better-auth-redis': onRedis(by['better-auth-redis'], betterAuth(by['better-auth-redis'], 1)),
    'better-auth-pg': betterAuth(by['better-auth-pg'], 32),
  };
}

/**
 * Opened one after the other, since at once its list would lose most of them; which takes seconds. So
 * its thousand sessions are opened once, and their keys put back as they were for each repeat.
 */
function onRedis({ redis }, peer) {
  let kept = null;
  return {
    open: (_user, count) => peer.open(FIRST_USER, count),
    list: () => peer.list(FIRST_USER),
    end: () => peer.end(FIRST_USER),
    async openMany(_user, count) {
      if (kept !== null) {
        await peer.end(FIRST_USER);
        await Promise.all(kept.map(({ key, value, ttl }) => redis.restore(key, ttl, value)));
        return;
      }
      await peer.end(FIRST_USER);
      const before = new Set(await redis.keys('*'));
      await peer.open(FIRST_USER, count);
      const made = (await redis.keys('*')).filter((key) => !before.has(key));
      kept = await Promise.all(made.map((key) => keptKey(redis, key)));
    },
  };
}

async function keptKey(redis, key) {
  const [value, ttl] = await Promise.all([redis.dumpBuffer(key), redis.pttl(key)]);
  return { key, value, ttl: Math.max(0, ttl) };
}

async function countOnce({ ports }, peer, user) {
  const list = await countWire(ports, (inside) => inside(() => peer.list(user)));
  const end = await countWire(ports, (inside) => inside(() => peer.end(user)));
  return {
    list: total(list.statements),
    end: total(end.commands),
    left: (await peer.list(user)).length,
  };
}

function rowsOf(times, counts) {
  const ours = times['ours-near'];
  const { 'better-auth-redis': redis, 'better-auth-pg': pg } = times;
  const faster = (id, what, part, peer, least) =>
    ratioRow({ id, what, values: ratiosOf(peer[part], ours[part]), least });
  const time = (id, what, values) => {
    const { median, q1, q3 } = spreadOf(values);
    return timeRow({ id, what, value: median, spread: `${q1.toFixed(2)}–${q3.toFixed(2)}` });
  };
  return [
    countRow({
      id: '13a',
      what: 'Revoke all of 1,000: Redis commands',
      value: counts.end,
      most: 4,
    }),
    countRow({
      id: '13b',
      what: 'Revoke all of 1,000: sessions left',
      value: counts.left,
      most: 0,
    }),
    faster('13c', 'Revoke all of 1,000 against better-auth on Redis', 'end', redis, 30),
    faster('13d', 'Revoke all of 1,000 against better-auth on PostgreSQL', 'end', pg, 2),
    time('13e', 'Revoke all of 1,000', ours.end),
    countRow({ id: '14a', what: 'List 1,000: missing', value: MANY - ours.listed, most: 0 }),
    countRow({ id: '14b', what: 'List 1,000: SQL statements', value: counts.list, most: 1 }),
    faster('14d', 'List 1,000 against better-auth on Redis', 'many', redis, 25),
    faster('14e', 'List 5 against better-auth on Redis', 'few', redis, 1),
    time('14f', 'List 1,000', ours.many),
  ];
}

function many(count, atOnce, work) {
  return forEachOf(Array.from({ length: count }), atOnce, work);
}

/** The quickest of some: what it takes when nothing else happens to run. */
async function fastest(work) {
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < LISTS; repeat++) best = Math.min(best, await timed(work));
  return best;
}

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
