import { openCases } from './cases/open-cases.mjs';
import { measureChurn } from './parts/churn.mjs';
import { measureCold } from './parts/cold.mjs';
import { countRows, measureCounts } from './parts/counts.mjs';
import { measureEnding } from './parts/ending.mjs';
import { measureLogIns } from './parts/log-ins.mjs';
import { lookupRows, lookupTable, measureLookups, peerRows } from './parts/lookups.mjs';
import { measureMemory } from './parts/memory.mjs';
import { measureRevocation } from './parts/revocation.mjs';
import { measureScale } from './parts/scale.mjs';
import { measureWeb } from './parts/web.mjs';
import { measureWrites } from './parts/writes.mjs';
import { makeUsers } from './population.mjs';
import { countRow } from './report/rows.mjs';
import { openStores } from './stores.mjs';

/** Beside the peers, after the lookups. Memory before ended sessions weigh too; it empties Redis. */
const PARTS = {
  memory: measureMemory,
  'log-ins': measureLogIns,
  revocation: measureRevocation,
  cold: measureCold,
  writes: measureWrites,
  ending: measureEnding,
};

/** By themselves, on stores of their own; they take minutes. */
const LONG_PARTS = {
  scale: measureScale,
  churn: measureChurn,
  web: measureWeb,
};

const LOOKUPS = 'lookups';
export const PART_NAMES = [LOOKUPS, ...Object.keys(PARTS), ...Object.keys(LONG_PARTS)];

/** One part. */
export async function benchPart(name, { plan, say }) {
  if (name in LONG_PARTS)
    return await onStores((stores) => LONG_PARTS[name]({ plan, say, stores }));
  return await onStores(async (stores) => {
    const context = await besidePeers({ plan, say, stores });
    if (name !== LOOKUPS) return await PARTS[name](context);
    const rounds = await measureLookups(context);
    return [...lookupRows(rounds), ...peerRows(rounds, context.opened)];
  });
}

/** Everything; `short` leaves out what takes minutes. */
export async function benchAll({ plan, say, short }) {
  const found = await onStores((stores) => allBesidePeers({ plan, say, stores }));
  if (short) return found;
  for (const name of Object.keys(LONG_PARTS)) {
    const work = () => onStores((stores) => LONG_PARTS[name]({ plan, say, stores }));
    found.rows.push(...(await attempt(name, work)));
  }
  return found;
}

async function allBesidePeers(given) {
  const context = await besidePeers(given);
  const { opened, plan, say, stores } = context;
  const counted = await measureCounts(context);
  say('counted what each lookup says to the stores');
  const rounds = await measureLookups(context);
  const rows = [...countRows(counted), ...lookupRows(rounds)];
  for (const [name, measure] of Object.entries(PARTS))
    rows.push(...(await attempt(name, () => measure(context))));
  rows.push(...peerRows(rounds, opened));
  const table = lookupTable(rounds, opened, plan);
  return { rows, table, counts: counted.counts, stores: stores.versions };
}

async function besidePeers({ plan, say, stores }) {
  const users = makeUsers(plan.users);
  const opened = await openCases({ stores, users });
  say(`${opened.length} ways to check one of ${users.length} sessions are set up`);
  return { stores, users, plan, opened, say };
}

async function onStores(work) {
  const stores = await openStores();
  try {
    return await work(stores);
  } finally {
    await stores.stop().catch(() => undefined);
  }
}

/** One part that breaks must not take the others' results with it. */
async function attempt(name, work) {
  const what = `The part "${name}" ended with an error`;
  try {
    return await work();
  } catch (error) {
    console.error(error);
    return [countRow({ id: `0 ${name}`, what, value: 1, most: 0 })];
  }
}
