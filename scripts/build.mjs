// Compiles the packages and builds the web application, each only if something changed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrap } from './bootstrap.mjs';
import { environment, isProgram, main, ROOT, run, runTool, step, toolPath } from './steps.mjs';

export const WEB = join(ROOT, 'apps', 'web');

const STAMP = join(WEB, '.next', 'sources.sha256');
const DERIVED = /^(node_modules|dist|tests|generated|\.next|next-env\.d\.ts|.*\.tsbuildinfo)$/;

/** Everything that `npm start` and `npm test` need before they begin. */
export async function build() {
  await bootstrap();
  await step('Packages', compilePackages);
  await step('Web application', buildWeb);
}

/** The address of a compiled package, for `import()`. */
export function built(folder) {
  return pathToFileURL(join(ROOT, folder, 'dist', 'index.js')).href;
}

export async function compilePackages() {
  await run(process.execPath, [toolPath('typescript', 'tsc'), '-b']);
}

async function buildWeb() {
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return 'up to date';

  const env = environment({ NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' });
  await runTool('next', ['build'], { cwd: WEB, env });
  writeFileSync(STAMP, wanted);
  return 'built';
}

/** A digest of all that the built application is made of. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const path of ['package-lock.json', 'tsconfig.base.json', 'packages', 'apps/web']) {
    for (const file of filesIn(join(ROOT, path))) {
      hash
        .update(`${relative(ROOT, file)}\0`)
        .update(readFileSync(file))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

function filesIn(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => !DERIVED.test(name))
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}

if (isProgram(import.meta.url)) await main(build);
