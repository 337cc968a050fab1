// npm run test:faults: breaks real stores in every way we know and prints what was measured.
//   --seed N              plays each fault with this seed, not with its fixed ones
//   --explore [count]     plays each fault with so many fresh seeds, or one, and prints them
//   --write-docs          also puts the table into docs/operations.md
//   --near-copies on|off  for all faults; else the seed leaves them out in a third
//   --long                also those that take long
//   --any-speed           what is only late is told and fails nothing: for machines that are slow or busy
// Everything else goes to vitest.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { takeSeeds } from './seeds.mjs';
import { environment, main, Problem, ROOT, step, toolPath } from './steps.mjs';

const CONFIG = join('tests', 'faults', 'vitest.config.ts');
const DOCS = join(ROOT, 'docs', 'operations.md');
const MARKS = ['<!-- faults: begin -->', '<!-- faults: end -->'];
const OURS = ['--any-speed', '--long', '--write-docs'];
const HEAD = [
  'Fault',
  'What breaks',
  'What holds',
  'Answered',
  'Unanswered',
  'A second',
  'Wrong',
  'p99 before',
  'p99',
  'Slowest',
  'Back after',
  'Seed',
  'Near copies',
  'Verdict',
];

async function faults() {
  const { anySpeed, args, isLong, nearCopies, seeds, writesDocs } = flags();
  if (seeds !== undefined) console.log(`Seeds: ${seeds}`);
  await build();
  const { prepareFaults } = await import('../tooling/local-stores/dist/index.js');
  await step('PostgreSQL, Redis, tools', () => prepareFaults(console.log));

  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  try {
    process.exitCode = await vitest(args, {
      FAULT_RESULTS: folder,
      FAULT_SEED: seeds,
      FAULT_NEAR_COPIES: nearCopies,
      FAULT_ANY_SPEED: anySpeed ? '1' : undefined,
      FAULT_LONG: isLong ? '1' : process.env.FAULT_LONG,
      NODE_ENV: undefined,
    });
    const results = resultsIn(folder);
    console.log(`\n${measuresOf(results)}\n`);
    if (writesDocs) writeDocs(tableOf(results));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Ours, and what is left for vitest. */
function flags() {
  const { args, seeds } = takeSeeds(process.argv.slice(2));
  const place = args.indexOf('--near-copies');
  const [, nearCopies] = place < 0 ? [] : args.splice(place, 2);
  if (place >= 0 && !['on', 'off'].includes(nearCopies)) {
    throw new Problem(`--near-copies takes on or off, not ${nearCopies ?? 'nothing'}.`);
  }
  return {
    args: args.filter((each) => !OURS.includes(each)),
    anySpeed: args.includes('--any-speed'),
    isLong: args.includes('--long'),
    nearCopies: nearCopies ?? process.env.FAULT_NEAR_COPIES,
    seeds: seeds?.join(',') ?? process.env.FAULT_SEED,
    writesDocs: args.includes('--write-docs'),
  };
}

async function vitest(args, variables) {
  const command = [toolPath('vitest'), 'run', '--config', CONFIG, ...args];
  const env = environment(variables);
  const child = spawn(process.execPath, command, { cwd: ROOT, env, stdio: 'inherit' });
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

function resultsIn(folder) {
  return readdirSync(folder)
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    .sort((a, b) => a.id.localeCompare(b.id) || a.seed - b.seed);
}

function tableOf(results) {
  const lines = [HEAD, HEAD.map(() => '---'), ...results.map(rowOf)];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The table without what the line of each case has told: in columns, for the terminal. */
function measuresOf(results) {
  const rows = [HEAD, ...results.map(rowOf)].map(([id, , , ...measures]) => [id, ...measures]);
  const widths = HEAD.map((_title, column) =>
    Math.max(0, ...rows.map((cells) => String(cells[column] ?? '').length)),
  );
  return rows
    .map((cells) => cells.map((cell, column) => String(cell).padEnd(widths[column])).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

function rowOf(result) {
  const { id, notRun, promise, recoveryMs, title, violations } = result;
  if (notRun) {
    const nothing = HEAD.slice(4).map(() => '');
    return [id, title, promise, ...nothing, `not run: ${notRun}`];
  }
  return [
    id,
    title,
    promise,
    result.lookups,
    result.unanswered,
    result.perSecond,
    result.wrong,
    `${result.p99BeforeMs} ms`,
    `${result.p99Ms} ms`,
    `${result.slowestMs} ms`,
    recoveryMs === null ? 'not in time' : `${recoveryMs} ms`,
    result.seed,
    result.nearCopies ? 'on' : 'off',
    verdictOf(violations),
  ];
}

function verdictOf(violations) {
  if (violations.length === 0) return 'holds';
  const rules = [...new Set(violations.map(({ rule }) => rule))].join(', ');
  return `${violations.every(({ late }) => late) ? 'late' : 'broken'}: ${rules}`;
}

function writeDocs(table) {
  const text = readFileSync(DOCS, 'utf8');
  const [before, rest] = text.split(MARKS[0]);
  const after = rest.split(MARKS[1])[1];
  writeFileSync(DOCS, `${before}${MARKS[0]}\n\n${table}\n\n${MARKS[1]}${after}`);
}

await main(faults);
