// Makes a fresh clone runnable. Does nothing where nothing is to be done.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureClient } from './prisma.mjs';
import { environment, isProgram, main, Problem, ROOT, run, step } from './steps.mjs';

const NODE_VERSIONS = { 20: 19, 22: 12 };
const FIRST_MAJOR_WITH_ALL = 24;

/** Checks Node, installs what package-lock.json asks for, generates the Prisma client. */
export async function bootstrap() {
  checkNode(process.versions.node);
  await step('Dependencies', installDependencies);
  await step('Prisma client', ensureClient);
}

function checkNode(version) {
  const [major, minor] = version.split('.').map(Number);
  if (major >= FIRST_MAJOR_WITH_ALL || minor >= NODE_VERSIONS[major]) return;
  throw new Problem(
    `This is Node ${version}. The project needs Node 20.19 or later, 22.12 or later, or 24 and above.`,
  );
}

async function installDependencies() {
  if (isInstalled()) return 'up to date';
  await npm(['ci', '--include=dev', '--no-audit', '--no-fund']);
  return 'installed from package-lock.json';
}

/** Whether node_modules holds exactly what the lock names (packages for other systems may lack). */
function isInstalled() {
  const installed = readPackages(join(ROOT, 'node_modules', '.package-lock.json'));
  if (installed === null) return false;

  const wanted = readPackages(join(ROOT, 'package-lock.json'));
  return Object.entries(wanted)
    .filter(([path, { link }]) => path.includes('node_modules/') && !link)
    .every(([path, { version, optional }]) => {
      const present = installed[path];
      return present === undefined ? optional === true : present.version === version;
    });
}

function readPackages(lockFile) {
  return existsSync(lockFile) ? JSON.parse(readFileSync(lockFile, 'utf8')).packages : null;
}

function npm(args) {
  const env = environment({ NODE_ENV: undefined });
  const itself = process.env.npm_execpath;
  if (itself?.endsWith('npm-cli.js')) return run(process.execPath, [itself, ...args], { env });
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { env });
}

if (isProgram(import.meta.url)) await main(bootstrap);
