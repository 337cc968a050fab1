// npm test: makes sure that all the tests need is there, then runs them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { build } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { environment, main, ROOT, step, toolPath } from './steps.mjs';

async function test() {
  await build();
  const { prepareTests } = await import('../tooling/local-stores/dist/index.js');
  const say = (line) => console.log(line);
  await step('PostgreSQL, Redis, tools', () => prepareTests(say));
  const chromium = await step('Chromium', () => findChromium(say));

  process.exitCode = await vitest(environment({ CHROMIUM_PATH: chromium, NODE_ENV: undefined }));
}

async function vitest(env) {
  const args = [toolPath('vitest'), 'run', ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: 'inherit' });
  // The terminal's Ctrl-C reaches it by itself; then it ends in its own good time, and we after it.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

await main(test);
