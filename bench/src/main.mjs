// The benchmark itself: `npm run bench` starts it, after it has built and installed what it needs.
import { parseArgs } from 'node:util';
import { benchAll, benchPart, PART_NAMES } from './bench.mjs';
import { warnings } from './cases/ours.mjs';
import { planFor } from './plan.mjs';
import { machineOf, versionsOf } from './report/machine.mjs';
import { verdictOf } from './report/rows.mjs';
import { printTable } from './report/table.mjs';
import { writeReport } from './report/write.mjs';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
    scale: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const { quick } = flags;
const only = flags.scale ? 'scale' : flags.only;
const began = performance.now();

function say(text) {
  console.log(`${String(secondsSince(began)).padStart(5)} s  ${text}`);
}

async function run() {
  const plan = planFor(flags);
  if (only === undefined) return await benchAll({ plan, say, short: quick });
  if (PART_NAMES.includes(only)) return { rows: await benchPart(only, { plan, say }) };
  throw new Error(`"${only}" is no part of the benchmark: ${PART_NAMES.join(', ')}`);
}

function tell(found) {
  printTable(found.rows, flags);
  if (warnings.count > 0)
    console.log(`  The product took a store for slow ${warnings.count} times.`);
  const kind = quick
    ? 'The quick run: fewer users, rounds and repeats, verdicts at half of a ratio; without the parts that take minutes'
    : 'The full run';
  console.log(`  ${kind}. ${secondsSince(began)} s.\n`);
  if (only !== undefined) return;
  const versions = versionsOf(found.stores);
  writeReport({ ...found, machine: machineOf(), versions, quick }, { docs: flags['write-docs'] });
}

function secondsSince(instant) {
  return Math.round((performance.now() - instant) / 1_000);
}

let missed = true;
try {
  const found = await run();
  tell(found);
  missed = found.rows.some((row) => verdictOf(row, quick) === 'missed');
} catch (error) {
  console.error(error);
}
// Pools and links of the peers would keep the process; their stores are gone.
process.exit(missed ? 1 : 0);
