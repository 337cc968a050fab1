// npm run test:faults: breaks real stores in every way we know and prints what was measured.
// With --write-docs also puts the table into docs/operations.md.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { compilePackages } from './build.mjs';
import { environment, main, ROOT, step, toolPath } from './steps.mjs';

const CONFIG = join('tests', 'faults', 'vitest.config.ts');
const DOCS = join(ROOT, 'docs', 'operations.md');
const MARKS = ['<!-- faults: begin -->', '<!-- faults: end -->'];
const HEAD = [
  'Fault',
  'What breaks',
  'What holds',
  'Answered',
  'Unanswered',
  'Wrong',
  'p99',
  'Slowest',
  'Back after',
  'Verdict',
];

async function faults() {
  await bootstrap();
  await step('Packages', compilePackages);
  const { prepareTests } = await import('../tooling/local-stores/dist/index.js');
  await step('PostgreSQL, Redis, PgBouncer', () => prepareTests(console.log));

  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  try {
    const args = process.argv.slice(2).filter((each) => each !== '--write-docs');
    process.exitCode = await vitest(args, folder);
    const table = tableOf(resultsIn(folder));
    console.log(`\n${table}\n`);
    if (process.argv.includes('--write-docs')) writeDocs(table);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function vitest(args, folder) {
  const command = [toolPath('vitest'), 'run', '--config', CONFIG, ...args];
  const env = environment({ FAULT_RESULTS: folder, NODE_ENV: undefined });
  const child = spawn(process.execPath, command, { cwd: ROOT, env, stdio: 'inherit' });
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

function resultsIn(folder) {
  return readdirSync(folder)
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    .sort((a, b) => a.id.localeCompare(b.id));
}

function tableOf(results) {
  const lines = [HEAD, HEAD.map(() => '---'), ...results.map(rowOf)];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function rowOf(result) {
  const { id, notRun, promise, recoveryMs, title, violations } = result;
  if (notRun) return [id, title, promise, '', '', '', '', '', '', `not run: ${notRun}`];
  const rules = [...new Set(violations.map(({ rule }) => rule))];
  return [
    id,
    title,
    promise,
    result.lookups,
    result.unanswered,
    result.wrong,
    `${result.p99Ms} ms`,
    `${result.slowestMs} ms`,
    recoveryMs === null ? 'not in time' : `${recoveryMs} ms`,
    rules.length === 0 ? 'holds' : `broken: ${rules.join(', ')}`,
  ];
}

function writeDocs(table) {
  const text = readFileSync(DOCS, 'utf8');
  const [before, rest] = text.split(MARKS[0]);
  const after = rest.split(MARKS[1])[1];
  writeFileSync(DOCS, `${before}${MARKS[0]}\n\n${table}\n\n${MARKS[1]}${after}`);
}

await main(faults);
