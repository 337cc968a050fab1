import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { isRunning, processTree } from '../src/processes.js';

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
  const code = `import { startStores, endWithUs } from '${BUILT}';\n${script}`;
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
    const child = parent(`await startStores(); console.log('up'); setInterval(() => {}, 1000);`);
    await once(child.stdout, 'data');
    const family = familyOf(child);
    // Itself, its watchdog, Redis, PostgreSQL and the helpers of that.
    expect(family.length).toBeGreaterThan(5);

    child.kill(signal);
    await expectNothingLeft(family);
  },
);

it('ends the stores of a process that simply came to its end', async () => {
  const child = parent(
    `await startStores(); console.log('up'); process.stdin.once('data', () => {});`,
  );
  await once(child.stdout, 'data');
  const family = familyOf(child);
  child.stdin.end('go on');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await expectNothingLeft(family);
});

it('ends a start that was cut off half-way', async () => {
  const child = parent('await startStores();');
  const initdbLog = () => readdirSync(temporary, { recursive: true }).join();
  await vi.waitFor(() => expect(initdbLog()).toContain('initdb.log'), {
    timeout: 15_000,
    interval: 5,
  });
  const family = familyOf(child);
  child.kill('SIGKILL');
  await expectNothingLeft(family);
});

it('ends any other process that was put under its guard', async () => {
  const child = parent(`
    import { spawn } from 'node:child_process';
    const idle = "console.log('up'); setInterval(() => {}, 1000)";
    const guarded = spawn(process.execPath, ['-e', idle], { stdio: ['ignore', 'inherit', 'ignore'] });
    endWithUs(guarded.pid, 'SIGTERM');
  `);
  await once(child.stdout, 'data');
  const family = familyOf(child);
  expect(family.length).toBe(3);

  child.kill('SIGKILL');
  await expectNothingLeft(family);
});
