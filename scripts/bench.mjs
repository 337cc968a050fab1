// npm run bench: measures the product beside its peers, in turn, in one run, on stores of its own.
// With --quick in three minutes; with --write-docs also into docs/performance.md and its picture.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { compilePackages } from './build.mjs';
import { environment, main, ROOT, run, step } from './steps.mjs';

const BENCH = join(ROOT, 'bench');
const INSTALLED = join(BENCH, 'node_modules', '.package-lock.json');

async function bench() {
  await bootstrap();
  await step('Packages', compilePackages);
  await step('Peers', installPeers);
  const { prepareStores } = await import('../tooling/local-stores/dist/index.js');
  await step('PostgreSQL and Redis', () => prepareStores(console.log));
  process.exitCode = await measure(process.argv.slice(2));
}

/** The peers are no dependencies of the product: their folder has a lock of its own. */
async function installPeers() {
  if (isInstalled()) return 'up to date';
  const args = ['ci', '--no-audit', '--no-fund'];
  const env = environment({ NODE_ENV: undefined });
  const npm = process.env.npm_execpath;
  const [file, first] = npm?.endsWith('npm-cli.js') ? [process.execPath, [npm]] : ['npm', []];
  await run(file, [...first, ...args], { cwd: BENCH, env });
  return 'installed from bench/package-lock.json';
}

function isInstalled() {
  if (!existsSync(INSTALLED)) return false;
  const installed = packagesOf(INSTALLED);
  return Object.entries(packagesOf(join(BENCH, 'package-lock.json'))).every(
    ([path, { version, optional }]) =>
      path === '' || (installed[path]?.version ?? (optional ? version : null)) === version,
  );
}

function packagesOf(lock) {
  return JSON.parse(readFileSync(lock, 'utf8')).packages;
}

async function measure(args) {
  const program = ['--expose-gc', join(BENCH, 'src', 'main.mjs'), ...args];
  const env = environment({
    NODE_ENV: 'production',
    DATABASE_URL: undefined,
    DATABASE_DIRECT_URL: undefined,
    FORCE_MOCK_MODE: undefined,
    REDIS_URL: undefined,
  });
  const child = spawn(process.execPath, program, { cwd: BENCH, env, stdio: 'inherit' });
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

await main(bench);
