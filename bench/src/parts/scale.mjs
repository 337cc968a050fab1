import { keyAt, loadInBulk, sessionIdAt } from '../bulk.mjs';
import { hitsOf, LEAST_NEAR, lookUpAll, ourManager, untilAsCalled } from '../cases/ours.mjs';
import { repeatable, uniformOrder, zipfOrder } from '../measure/orders.mjs';
import { Rounds } from '../measure/rounds.mjs';
import { spreadOf } from '../measure/statistics.mjs';
import { forEachOf } from '../measure/waits.mjs';
import { countRow, noteRow, ratioRow, shareRow, short } from '../report/rows.mjs';
import { openRedis, usedMemory, withPostgres } from '../stores.mjs';

/** Sessions in use: looked up before each slice, so that a copy is what a lookup finds. */
const IN_USE = 10_000;
const ANY_OF = 65_536;
const AT_ONCE = 32;
const ZIPF_LOOKUPS = 262_144;
const LEAST = 0.85;
const MOST_GROWN = 1.1;
const TIERS = {
  near: 'near copy',
  fast: 'fast copy',
  record: 'record (confirm)',
  get: 'one Redis GET',
};

/**
 * The same lookups with ten and a hundred times as many sessions in the stores. All populations are
 * there at once, each in databases of its own, and are measured in turn.
 */
export async function measureScale({ plan, stores, say }) {
  const sizes = [];
  for (const count of plan.scale.sizes) {
    sizes.push(await loaded(stores, count));
    say(`loaded ${short(count)} sessions`);
  }
  const cases = [];
  for (const size of sizes) cases.push(...(await casesOf(size)));
  const rounds = new Rounds();
  const slices = { ...plan, rounds: plan.scale.rounds, concurrency: [AT_ONCE] };
  await rounds.run({ cases, plan: slices, stores, onRound: (at) => say(`round ${at + 1}`) });
  for (const { open } of cases) await open.close?.();
  const shares = [];
  for (const size of sizes) shares.push(await nearShare(size));
  say('asked by Zipf, from empty near copies');
  return rowsOf(sizes, rounds, shares);
}

async function loaded(stores, count) {
  const before = await usedMemory(stores.redis);
  const urls = await loadInBulk(stores, count);
  const redisBytes = ((await usedMemory(stores.redis)) - before) / count;
  const postgresBytes = await withPostgres(urls.databaseUrl, async (client) => {
    const { rows } = await client.query(
      `SELECT pg_total_relation_size('sessions."Session"')::float8 AS bytes`,
    );
    return rows[0].bytes / count;
  });
  return { name: short(count), count, urls, redisBytes, postgresBytes };
}

async function casesOf(size) {
  const { count, name, urls } = size;
  const step = count / Math.min(count, IN_USE);
  const used = Array.from({ length: count / step }, (_, at) => sessionIdAt(Math.floor(at * step)));
  const random = repeatable(count);
  const any = Array.from({ length: ANY_OF }, () => Math.floor(random() * count));
  const near = await ourManager(urls, { nearCopies: used.length * 2 });
  const fast = await ourManager(urls, { nearCopies: 0 });
  const redis = await openRedis(urls.redisUrl);
  const ids = any.map(sessionIdAt);
  const keys = any.map(keyAt);
  const lookup = (manager, asCalled) => ({
    check: (index) => manager.validateSession(used[index]),
    good: isActive,
    hits: () => hitsOf(manager),
    asCalled,
    refresh: () => untilAsCalled({ manager, sessionIds: used, asCalled }),
    close: () => manager.close(),
  });
  const opens = {
    near: lookup(near, (seen) => seen.near >= LEAST_NEAR),
    fast: lookup(fast, (seen) => seen.near === 0 && seen.warnings === 0),
    record: {
      check: (index) => fast.validateSession(ids[index], { confirm: true }),
      good: isActive,
      refresh: () => lookUpAll(fast, []),
    },
    get: { check: (index) => redis.get(keys[index]), close: async () => redis.destroy() },
  };
  const orderOf = (tier) => uniformOrder(tier in { near: 1, fast: 1 } ? used.length : ANY_OF);
  return Object.entries(opens).map(([tier, open]) => {
    return { id: `${tier} ${name}`, open, orders: { uniform: orderOf(tier) } };
  });
}

/** At the default size of the near copies, from empty. */
async function nearShare({ count, urls }) {
  const manager = await ourManager(urls);
  await lookUpAll(manager, []);
  let refused = 0;
  await forEachOf(zipfOrder(count, 2, ZIPF_LOOKUPS), AT_ONCE * 2, async (index) => {
    if (!isActive(await manager.validateSession(sessionIdAt(index)))) refused++;
  });
  const { asked, hits } = await hitsOf(manager);
  await manager.close();
  return { near: hits / asked, refused };
}

function rowsOf(sizes, rounds, shares) {
  const [first, ...larger] = sizes;
  const failed = rounds.failures.reduce((sum, each) => sum + each.failed, 0);
  const refused = shares.reduce((sum, each) => sum + each.refused, 0);
  return [
    countRow({
      id: '16 refused',
      what: 'Many sessions: lookups refused or failed',
      value: failed + refused,
      most: 0,
    }),
    ...Object.keys(TIERS).flatMap((tier) =>
      larger.map((size) => flatRow(rounds, tier, size, first)),
    ),
    ...larger.flatMap((size) => grownRows(size, first)),
    ...sizes.flatMap((size, at) => notesOf(rounds, size, shares[at])),
  ];
}

function flatRow(rounds, tier, { name }, first) {
  return ratioRow({
    id: `16 ${tier} ${name}`,
    what: `${name} sessions against ${first.name}: ${TIERS[tier]}, ${AT_ONCE}`,
    values: rounds.ratios(`${tier} ${name}`, `${tier} ${first.name}`, AT_ONCE),
    least: tier === 'get' ? null : LEAST,
  });
}

function grownRows({ name, redisBytes, postgresBytes }, first) {
  const grown = (store, value) =>
    shareRow({
      id: `16 ${store} ${name}`,
      what: `${name} sessions against ${first.name}: ${store} bytes per session`,
      value,
      most: MOST_GROWN,
    });
  return [
    grown('Redis', redisBytes / first.redisBytes),
    grown('PostgreSQL', postgresBytes / first.postgresBytes),
  ];
}

function notesOf(rounds, { name, redisBytes, postgresBytes }, { near }) {
  const note = (what, value, unit) =>
    noteRow({ id: `16 ${name}`, what: `${name} sessions: ${what}`, value, unit });
  return [
    ...Object.entries(TIERS).map(([tier, words]) =>
      note(`${words}, ${AT_ONCE}`, spreadOf(rounds.rates(`${tier} ${name}`, AT_ONCE)).median, '/s'),
    ),
    note('Redis, per session', redisBytes, 'B'),
    note('PostgreSQL, per session with indexes', postgresBytes, 'B'),
    note('share that was near, Zipf, 50,000 near copies', near * 100, '%'),
  ];
}

function isActive({ status }) {
  return status === 'active';
}
