import { ratiosOf, spreadOf } from '../measure/statistics.mjs';
import { forEachOf } from '../measure/waits.mjs';
import { countWire, total } from '../measure/wire.mjs';
import { countRow, noteRow, ratioRow, shareRow } from '../report/rows.mjs';

const AT_ONCE = 64;
const STAMPEDE = 256;

/** What the product's process does by itself: not part of any lookup. */
const UPKEEP = /outbox|session_proof|session_touch|lastSeenAt|session_changes/i;

/** After FLUSHDB: who is still signed in, and what finding that out costs. */
export async function measureCold({ opened, plan, stores, users, say }) {
  const by = Object.fromEntries(opened.map(({ id, open }) => [id, open]));
  const ours = by['ours-miss'];
  const results = {
    ours: await counted(ours, stores, users),
    seed: await counted(by['seed-pg'], stores, users),
    both: await counted(by['better-auth-both'], stores, users),
    redis: await counted(by['better-auth-redis'], stores, users),
  };
  say('looked everybody up after FLUSHDB');
  const stampede = await stampedeOf(ours, stores);
  const listed = await listedWhenEmpty(ours, users);

  const rates = { ours: [], seed: [], both: [] };
  for (let round = 0; round < plan.rounds; round++) {
    for (const [name, id] of [
      ['ours', 'ours-miss'],
      ['seed', 'seed-pg'],
      ['both', 'better-auth-both'],
    ]) {
      await by[id].flush();
      rates[name].push((await pass(by[id], users)).perSecond);
    }
  }
  say('the same again, timed');
  return rowsOf(results, rates, { stampede, listed });
}

async function counted(open, stores, users) {
  await open.flush();
  const first = await countedPass(open, stores, users);
  const second = await countedPass(open, stores, users);
  return { accepted: first.accepted / users.length, first: first.sql, second: second.sql };
}

async function countedPass(open, { ports }, users) {
  let accepted = 0;
  const work = async () => {
    ({ accepted } = await pass(open, users));
  };
  const seen = await countWire(ports, work, { everything: true });
  return { accepted, sql: statementsOf(seen) / users.length };
}

async function pass({ check, good = (answer) => answer !== null }, users) {
  let accepted = 0;
  const began = performance.now();
  await forEachOf(users, AT_ONCE, async (_user, index) => {
    if (good(await check(index))) accepted++;
  });
  return { accepted, perSecond: (users.length / (performance.now() - began)) * 1_000 };
}

/** As many at once ask for one session that Redis has lost. */
async function stampedeOf(open, { ports }) {
  await open.flush();
  const seen = await countWire(
    ports,
    () => Promise.all(Array.from({ length: STAMPEDE }, () => open.check(0))),
    { everything: true },
  );
  return statementsOf(seen);
}

async function listedWhenEmpty(open, users) {
  await open.flush();
  return (await open.manager.listSessions(users[0].id)).length;
}

function statementsOf({ statements }) {
  return total(new Map([...statements].filter(([name]) => !UPKEEP.test(name))));
}

function rowsOf({ ours, seed, both, redis }, rates, { stampede, listed }) {
  const percent = (id, what, value) => noteRow({ id, what, value: value * 100, unit: '%' });
  const against = (id, what, name, least) =>
    ratioRow({ id, what, values: ratiosOf(rates.ours, rates[name]), least });
  const { median, q1, q3 } = spreadOf(rates.ours);
  return [
    countRow({
      id: '10a',
      what: 'After FLUSHDB: share refused',
      value: 1 - ours.accepted,
      most: 0,
    }),
    countRow({
      id: '10b',
      what: 'After FLUSHDB: SQL per lookup, first pass, 64',
      value: ours.first,
      most: 0.05,
    }),
    countRow({
      id: '10c',
      what: 'After FLUSHDB: SQL per lookup, second pass',
      value: ours.second,
      most: 0,
    }),
    against('10d', 'First pass against better-auth with both stores', 'both', 6),
    against('10e', "First pass against the document's design (pg)", 'seed', 1),
    countRow({
      id: '10f',
      what: `${STAMPEDE} lookups at once of one lost session: SQL`,
      value: stampede,
      most: 1,
    }),
    shareRow({
      id: '14c',
      what: 'List with an empty Redis: sessions missing',
      value: listed >= 1 ? 0 : 1,
      most: 0,
      unit: '',
    }),
    noteRow({
      id: '10 ours',
      what: 'After FLUSHDB: lookups, 64',
      value: median,
      unit: '/s',
      spread: `${Math.round(q1)}–${Math.round(q3)}`,
    }),
    percent('10 seed-pg', "Still accepted, the document's design", seed.accepted),
    percent('10 better-auth-both', 'Still accepted, better-auth with both stores', both.accepted),
    percent('10 better-auth-redis', 'Still accepted, better-auth on Redis', redis.accepted),
    noteRow({
      id: '10 seed-pg sql',
      what: "SQL per lookup, second pass, the document's design",
      value: seed.second,
    }),
    noteRow({
      id: '10 better-auth-both sql',
      what: 'SQL per lookup, second pass, better-auth with both',
      value: both.second,
    }),
  ];
}
