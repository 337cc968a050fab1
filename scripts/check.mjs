// npm run check: everything that can be said about the tree without running it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { compilePackages, WEB } from './build.mjs';
import { prisma } from './prisma.mjs';
import {
  environment,
  main,
  Problem,
  ProgramFailed,
  ROOT,
  run,
  runTool,
  step,
  tell,
  toolPath,
} from './steps.mjs';

/** One after the other; what is in one row runs at once, each in its own lane. */
const CHECKS = [
  [
    [['Format and lint', () => tool('@biomejs/biome', ['check', '--error-on-warnings'])]],
    [['Types of packages', compilePackages]],
  ],
  [
    [
      ['Types of tests', checkTests],
      ['Types of the web', checkWeb],
    ],
    [
      ['Promises', () => tool('eslint', ['.', '--max-warnings=0'])],
      ['Arrows', checkArrows],
      ['Nothing unused', () => tool('knip', [])],
      ['Lock', checkLock],
      ['Schema', async () => void (await prisma('validate'))],
    ],
  ],
];

async function check() {
  await bootstrap();
  const failed = [];
  for (const lanes of CHECKS) await Promise.all(lanes.map((lane) => checkLane(lane, failed)));
  if (failed.length === 0) return;
  throw new Problem(`${failed.length} of ${CHECKS.flat(2).length} failed: ${failed.join(', ')}.`);
}

async function checkLane(lane, failed) {
  for (const [title, work] of lane) {
    try {
      await step(title, work);
    } catch (error) {
      tell(error);
      failed.push(title);
    }
  }
}

async function tool(name, args) {
  await runTool(name, args);
}

/** `typegen` writes next-env.d.ts, which is not in the repository. */
async function checkWeb() {
  const env = environment({ NEXT_TELEMETRY_DISABLED: '1' });
  await runTool('next', ['typegen'], { cwd: WEB, env });
  await run(process.execPath, [toolPath('typescript', 'tsc'), '-p', WEB, '--noEmit']);
}

async function checkTests() {
  for (const folder of [
    'packages/session-management/tests',
    'tooling/local-stores/tests',
    'apps/web/tests',
    'tests',
  ]) {
    await run(process.execPath, [toolPath('typescript', 'tsc'), '-p', join(ROOT, folder)]);
  }
}

async function checkArrows() {
  const rules = ['--config', '.dependency-cruiser.cjs'];
  const program = toolPath('dependency-cruiser', 'depcruise');
  await run(process.execPath, [program, ...rules, 'packages', 'apps', 'tooling']);
}

/** Addresses of one registry in the lock would bind every clone to it. */
function checkLock() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const count = lock.split('"resolved": "http').length - 1;
  if (count === 0) return;
  const cure = 'set omit-lockfile-registry-resolved=true in .npmrc and lock again.';
  throw new ProgramFailed(
    'lock',
    1,
    `package-lock.json holds ${count} registry addresses: ${cure}`,
  );
}

await main(check);
