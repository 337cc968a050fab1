import { randomBytes } from 'node:crypto';
import { slice } from '../measure/slice.mjs';
import { ratiosOf, spreadOf } from '../measure/statistics.mjs';
import { countWire, total } from '../measure/wire.mjs';
import { countRow, noteRow, ratioRow } from '../report/rows.mjs';

const AT_ONCE = 32;
const IDS = 65_536;
const PAIRS = 50;
const COUNTED = 100;

const IN_TURN = Uint32Array.from({ length: IDS }, (_, index) => index);

/** Ids that nobody handed out, refused; sessions opened; pairs of log-ins of one user. */
export async function measureWrites({ opened, plan, stores, users, say }) {
  const by = Object.fromEntries(opened.map(({ id, open }) => [id, open]));
  const refusals = await inTurn(
    ['ours-near', 'seed-pg', 'lucia', 'auth-js-pg', 'better-auth-redis', 'connect-redis'],
    plan,
    (id) => {
      const ids = Array.from({ length: IDS }, forgedId);
      return (index) => by[id].forged(ids[index]);
    },
  );
  say('refused ids that nobody handed out');
  const creations = await inTurn(
    [
      'ours-near',
      'limit-select',
      'seed-prisma',
      'better-auth-both',
      'auth-js-pg',
      'lucia',
      'connect-redis',
    ],
    plan,
    (id) => async (index) => {
      await by[id].create(index % users.length);
      return true;
    },
  );
  say('opened sessions');
  const forged = await countWire(stores.ports, async (inside) => {
    for (let at = 0; at < COUNTED; at++) await inside(() => by['ours-near'].forged(forgedId()));
  });
  const perRefusal = (total(forged.commands) + total(forged.statements)) / COUNTED;
  const lost = await lostPairs(by, users);
  return [
    countRow({
      id: '12h',
      what: 'Refusals and log-ins that failed, all cases',
      value: refusals.failed + creations.failed,
      most: 0,
    }),
    ...refusalRows(refusals.rates, perRefusal),
    ...creationRows(creations.rates),
    ...lost,
  ];
}

async function inTurn(ids, plan, callOf) {
  const rates = Object.fromEntries(ids.map((id) => [id, []]));
  let failed = 0;
  for (let round = 0; round < plan.rounds; round++) {
    for (const id of ids) {
      const work = {
        call: callOf(id),
        good: (answer) => answer === true,
        order: IN_TURN,
        concurrency: AT_ONCE,
        warmMs: plan.warmMs,
        ms: plan.sliceMs,
      };
      // Pools that have been idle connect again, before anything is measured.
      await slice({ ...work, ms: plan.warmMs }).catch(() => undefined);
      const result = await slice(work);
      failed += result.failed;
      rates[id].push(result.perSecond);
    }
  }
  return { rates, failed };
}

function refusalRows(rates, perRefusal) {
  return [
    countRow({
      id: '11a',
      what: 'Forged ids: Redis commands and SQL per refusal',
      value: perRefusal,
      most: 0,
    }),
    ratioRow({
      id: '11b',
      what: "Forged ids: refusals against the document's design (pg), 32",
      values: ratiosOf(rates['ours-near'], rates['seed-pg']),
      least: 12,
    }),
    ...Object.entries(rates).map(([id, own]) => rateRow(`11 ${id}`, `Forged ids, ${id}`, own)),
  ];
}

function creationRows(rates) {
  const against = (id, what, peer, least) =>
    ratioRow({ id, what, values: ratiosOf(rates['ours-near'], rates[peer]), least });
  return [
    against('12c', 'createSession against one INSERT, 32', 'limit-select', 0.85),
    against('12d', "createSession against the document's design (Prisma), 32", 'seed-prisma', 2),
    against(
      '12e',
      'createSession against better-auth with both stores, 32',
      'better-auth-both',
      2.5,
    ),
    ...Object.entries(rates).map(([id, own]) => rateRow(`12 ${id}`, `Sessions opened, ${id}`, own)),
  ];
}

function rateRow(id, what, rates) {
  const { median, q1, q3 } = spreadOf(rates);
  return noteRow({
    id,
    what,
    value: median,
    unit: '/s',
    spread: `${Math.round(q1)}–${Math.round(q3)}`,
  });
}

/** Two log-ins of one user at the same moment: both must be in the user's list. */
async function lostPairs(by, users) {
  const { manager } = by['ours-near'];
  const { internalAdapter } = by['better-auth-redis'];
  const ours = await lostOf(users, by['ours-near'].create, (id) => manager.listSessions(id));
  const theirs = await lostOf(users, by['better-auth-redis'].create, (id) =>
    internalAdapter.listSessions(id, { onlyActiveSessions: true }),
  );
  return [
    countRow({
      id: '12f',
      what: `Log-ins lost from the list, of ${PAIRS} pairs`,
      value: ours,
      most: 0,
    }),
    noteRow({ id: '12g', what: 'The same, better-auth on Redis', value: theirs }),
  ];
}

async function lostOf(users, create, list) {
  let lost = 0;
  for (let index = 0; index < PAIRS; index++) {
    const before = (await list(users[index].id)).length;
    await Promise.all([create(index), create(index)]);
    if ((await list(users[index].id)).length < before + 2) lost++;
  }
  return lost;
}

function forgedId() {
  return randomBytes(32).toString('base64url');
}
