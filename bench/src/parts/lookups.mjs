import assert from 'node:assert/strict';
import { uniformOrder, zipfOrder } from '../measure/orders.mjs';
import { Rounds } from '../measure/rounds.mjs';
import { spreadOf, waitsOf } from '../measure/statistics.mjs';
import { countRow, noteRow, ratioRow, shareRow } from '../report/rows.mjs';
import { ifNear, nearRows } from './near-shares.mjs';

/** What target 6 holds side by side. */
const ZIPF_CASES = ['ours-tenth', 'limit-get', 'limit-get-ioredis'];
const CHECKED = 20;

/** Sessions looked up: every peer, in turn, at each concurrency. */
export async function measureLookups({ opened, plan, stores, users, say }) {
  await assertAnswers(opened, users);
  const uniform = uniformOrder(users.length);
  const zipf = zipfOrder(users.length);
  const cases = opened.map(({ id, open }) => {
    const orders = id === 'ours-tenth' ? {} : { uniform };
    if (ZIPF_CASES.includes(id)) orders.zipf = zipf;
    return { id, open, orders };
  });
  const rounds = new Rounds();
  await rounds.run({
    cases,
    plan,
    stores,
    onRound: (at) => say(`round ${at + 1} of ${plan.rounds}`),
  });
  return rounds;
}

/** Each case answers with the session that was asked for, and with its own user. */
async function assertAnswers(opened, users) {
  for (const { id, open } of opened) {
    for (let at = 0; at < CHECKED; at++) {
      const index = Math.floor((at * users.length) / CHECKED);
      const answer = await open.check(index);
      const wanted = open.expected?.(index) ?? users[index].email;
      assert.ok(open.good?.(answer) ?? true, `${id} refuses a session that lives`);
      assert.equal(open.who(answer), wanted, `${id} answers with another user`);
    }
  }
}

/** The lines of the targets 2 to 6. */
export function lookupRows(rounds) {
  const ratio = (id, what, above, below, concurrency, least, order) =>
    ifNear(
      ratioRow({ id, what, values: rounds.ratios(above, below, concurrency, order), least }),
      above === 'ours-near' ? Math.min(...rounds.near(above, concurrency)) : 1,
    );
  const failed = rounds.failures.reduce((sum, each) => sum + each.failed, 0);
  return [
    countRow({ id: '0', what: 'Lookups refused or failed, all cases', value: failed, most: 0 }),
    ...nearRows(rounds),
    ratio('2', 'Near copy against SHA-256 + Map.get', 'ours-near', 'limit-memory', 1, 0.7),
    ratio(
      '3a',
      'Near copy against better-auth on Redis, 1',
      'ours-near',
      'better-auth-redis',
      1,
      150,
    ),
    ratio(
      '3b',
      'Near copy against better-auth on Redis, 32',
      'ours-near',
      'better-auth-redis',
      32,
      70,
    ),
    ratio(
      '3c',
      "Near copy against the document's design (Prisma), 1",
      'ours-near',
      'seed-prisma',
      1,
      200,
    ),
    ratio(
      '3d',
      "Near copy against the document's design (Prisma), 32",
      'ours-near',
      'seed-prisma',
      32,
      35,
    ),
    ratio('4', 'Near copy against jose HS256, 32', 'ours-near', 'jose', 32, 12),
    ratio(
      '5c',
      'Fast copy against one Redis GET, same client, 32',
      'ours-miss',
      'limit-get',
      32,
      0.7,
    ),
    ratio(
      '5d',
      'Fast copy against better-auth on Redis, 32',
      'ours-miss',
      'better-auth-redis',
      32,
      7,
    ),
    ratio(
      '5e',
      "Fast copy against the document's design (Prisma), 32",
      'ours-miss',
      'seed-prisma',
      32,
      3.5,
    ),
    shareRow({
      id: '5f',
      what: 'Fast copy: p99 over that of the GET, 32',
      most: 4,
      ...p99Share(rounds),
    }),
    ratio(
      '6',
      'Zipf, near copies for 10 %, against one Redis GET, 32',
      'ours-tenth',
      'limit-get',
      32,
      1.5,
      'zipf',
    ),
  ];
}

function p99Share(rounds) {
  const p99s = (id) => rounds.waits(id, 32).map((samples) => waitsOf(samples).p99);
  const below = p99s('limit-get');
  const { median, q1, q3 } = spreadOf(p99s('ours-miss').map((value, at) => value / below[at]));
  return { value: median, spread: `${q1.toFixed(1)}–${q3.toFixed(1)}` };
}

/** One line for each peer: lookups a second with 32 under way. */
export function peerRows(rounds, opened) {
  return opened.map(({ id, what }) => {
    const order = id === 'ours-tenth' ? 'zipf' : 'uniform';
    const { median, q1, q3 } = spreadOf(rounds.rates(id, 32, order));
    const spread = `${Math.round(q1)}–${Math.round(q3)}`;
    return noteRow({ id, what: `${what}: lookups, 32`, value: median, unit: '/s', spread });
  });
}

/** All that was measured of each case, for the table of docs/performance.md. */
export function lookupTable(rounds, opened, plan) {
  return opened.map(({ id, what, settings }) => {
    const order = id === 'ours-tenth' ? 'zipf' : 'uniform';
    const at = (concurrency) => {
      const cpu = rounds.cpu(id, concurrency, order);
      const all = [...rounds.waits(id, concurrency, order)].map(waitsOf);
      return {
        concurrency,
        perSecond: spreadOf(rounds.rates(id, concurrency, order)).median,
        p50: spreadOf(all.map(({ p50 }) => p50)).median,
        p99: spreadOf(all.map(({ p99 }) => p99)).median,
        cpuOwn: spreadOf(cpu.own).median,
        cpuStores: cpu.stores.length === 0 ? null : mean(cpu.stores),
      };
    };
    return { id, what, settings, order, cells: plan.concurrency.map(at) };
  });
}

/** Store CPU is counted in ticks of 10 ms: only many slices together say something. */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
