// The benchmark itself: `npm run bench` starts it, after it has built and installed what it needs.
import { parseArgs } from 'node:util';
import { openCases } from './cases/open-cases.mjs';
import { warnings } from './cases/ours.mjs';
import { measureCold } from './parts/cold.mjs';
import { countRows, measureCounts } from './parts/counts.mjs';
import { measureEnding } from './parts/ending.mjs';
import { measureLogIns } from './parts/log-ins.mjs';
import { lookupRows, lookupTable, measureLookups, peerRows } from './parts/lookups.mjs';
import { measureMemory } from './parts/memory.mjs';
import { measureRevocation } from './parts/revocation.mjs';
import { measureWrites } from './parts/writes.mjs';
import { planFor } from './plan.mjs';
import { makeUsers } from './population.mjs';
import { machineOf, versionsOf } from './report/machine.mjs';
import { countRow, verdictOf } from './report/rows.mjs';
import { printTable } from './report/table.mjs';
import { writeReport } from './report/write.mjs';
import { openStores } from './stores.mjs';

/** After the lookups. Memory is first, before ended sessions weigh too; it empties Redis. */
const PARTS = {
  memory: measureMemory,
  'log-ins': measureLogIns,
  revocation: measureRevocation,
  cold: measureCold,
  writes: measureWrites,
  ending: measureEnding,
};

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const began = performance.now();

function say(text) {
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`${String(seconds).padStart(5)} s  ${text}`);
}

async function bench(stores) {
  const plan = planFor(flags);
  const users = makeUsers(plan.users);
  const opened = await openCases({ stores, users });
  const context = { stores, users, plan, opened, say };
  say(`${opened.length} ways to check one of ${users.length} sessions are set up`);
  if (flags.only !== undefined) return { rows: await PARTS[flags.only](context) };

  const counted = await measureCounts(context);
  say('counted what each lookup says to the stores');
  const rounds = await measureLookups(context);
  const rows = [...countRows(counted), ...lookupRows(rounds)];
  for (const name of Object.keys(PARTS)) rows.push(...(await attempt(name, context)));
  rows.push(...peerRows(rounds, opened));
  const table = lookupTable(rounds, opened, plan);
  return { rows, table, counts: counted.counts, complete: true };
}

/** One part that breaks must not take the others' results with it. */
async function attempt(name, context) {
  const what = `The part "${name}" ended with an error`;
  try {
    return await PARTS[name](context);
  } catch (error) {
    console.error(error);
    return [countRow({ id: `0 ${name}`, what, value: 1, most: 0 })];
  }
}

const stores = await openStores();
let missed = true;
try {
  const found = await bench(stores);
  const report = {
    ...found,
    machine: machineOf(),
    versions: versionsOf(stores),
    quick: flags.quick,
  };
  printTable(report.rows, flags);
  if (warnings.count > 0)
    console.log(`  The product took a store for slow ${warnings.count} times.\n`);
  if (found.complete) writeReport(report, { docs: flags['write-docs'] });
  missed = report.rows.some((row) => verdictOf(row, flags.quick) === 'missed');
} catch (error) {
  console.error(error);
}
await stores.stop().catch(() => undefined);
// Pools and links of the peers would keep the process; their stores are gone.
process.exit(missed ? 1 : 0);
