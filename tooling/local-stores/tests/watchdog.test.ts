import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { isRunning, processTree } from '../src/processes.js';
import { sweep } from '../src/sweep.js';
import { noBaseBackup, noPgBouncer } from './available.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BUILT = new URL('../dist/index.js', import.meta.url).href;
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

let temporary: string;
let started: ChildProcess | null = null;

beforeAll(() => {
  execFileSync(process.execPath, [TSC, '-b', 'tooling/local-stores'], { cwd: ROOT });
});

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'watchdog-test-'));
  await chmod(temporary, 0o755);
});

afterEach(async () => {
  started?.kill('SIGKILL');
  await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
});

function parent(script: string) {
  const code = `import * as local from '${BUILT}';\n${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  started = child;
  return child;
}

/** The process with all that it started. */
function familyOf(child: ChildProcess): number[] {
  return processTree(child.pid ?? 0);
}

async function expectNothingLeft(family: readonly number[]): Promise<void> {
  await vi.waitFor(
    () => {
      expect(family.filter(isRunning)).toEqual([]);
      expect(readdirSync(temporary)).toEqual([]);
    },
    { timeout: 15_000, interval: 50 },
  );
}

it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
  'ends the stores of a process that got %s',
  async (signal) => {
    const child = parent(
      `await local.startStores(); console.log('up'); setInterval(() => {}, 1000);`,
    );
    await once(child.stdout, 'data');
    const family = familyOf(child);
    // Itself, its watchdog, Redis, PostgreSQL and the helpers of that.
    expect(family.length).toBeGreaterThan(5);

    child.kill(signal);
    await expectNothingLeft(family);
  },
);

it.skipIf(noBaseBackup || noPgBouncer)(
  'ends Sentinel, Cluster, a standby and PgBouncer, frozen ones too (skipped where one is missing)',
  async () => {
    const child = parent(`
    const [sentinel, cluster, postgres] = await Promise.all([
      local.startSentinel(),
      local.startCluster(),
      local.startPostgres(),
    ]);
    const standby = await local.startStandby(postgres);
    const pooler = await local.startPgBouncer(postgres.url);
    for (const each of [...sentinel.nodes, cluster.nodes[0], standby, pooler]) each.pause();
    console.log('up');
    setInterval(() => {}, 1000);
  `);
    await once(child.stdout, 'data');
    const family = familyOf(child);
    // Six each of Sentinel and Cluster, two PostgreSQLs with their helpers, one PgBouncer.
    expect(family.length).toBeGreaterThan(6 + 6 + 2 * 4 + 1);

    child.kill('SIGKILL');
    await expectNothingLeft(family);
  },
  90_000,
);

it('ends the stores of a process that simply came to its end', async () => {
  const child = parent(
    `await local.startStores(); console.log('up'); process.stdin.once('data', () => {});`,
  );
  await once(child.stdout, 'data');
  const family = familyOf(child);
  child.stdin.end('go on');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await expectNothingLeft(family);
});

it('ends a start that was cut off half-way', async () => {
  const child = parent('await local.startStores();');
  const initdbLog = () => readdirSync(temporary, { recursive: true }).join();
  await vi.waitFor(() => expect(initdbLog()).toContain('initdb.log'), {
    timeout: 15_000,
    interval: 5,
  });
  const family = familyOf(child);
  child.kill('SIGKILL');
  await expectNothingLeft(family);
});

it('ends a process that nobody told of, by the folder where it works', async () => {
  const folder = await mkdtemp(join(temporary, 'home-'));
  const untold = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { cwd: folder });
  started = untold;
  const ended = once(untold, 'exit');
  await once(untold, 'spawn');

  await sweep({ pid: null, signal: 'SIGTERM', folder });
  expect(await ended).toEqual([null, 'SIGTERM']);
  await expectNothingLeft([]);
});

it('ends any other process that was put under its guard', async () => {
  const child = parent(`
    import { spawn } from 'node:child_process';
    const idle = "console.log('up'); setInterval(() => {}, 1000)";
    const guarded = spawn(process.execPath, ['-e', idle], { stdio: ['ignore', 'inherit', 'ignore'] });
    local.endWithUs(guarded.pid, 'SIGTERM');
  `);
  await once(child.stdout, 'data');
  const family = familyOf(child);
  expect(family.length).toBe(3);

  child.kill('SIGKILL');
  await expectNothingLeft(family);
});
