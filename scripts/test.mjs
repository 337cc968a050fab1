// npm test: makes sure that all the tests need is there, then runs them.
//   --seed N   tries the examples of this seed on the properties, not the fixed ones
//   --explore  tries those of a fresh seed, and prints it
// Everything else goes to vitest.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { build } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { takeSeeds } from './seeds.mjs';
import { environment, main, Problem, ROOT, step, toolPath } from './steps.mjs';

async function test() {
  const { args, seeds = [] } = takeSeeds(process.argv.slice(2));
  if (seeds.length > 1) throw new Problem('npm test tries one seed: --explore takes no count.');
  if (seeds.length > 0) console.log(`Seed of the properties: ${seeds}`);
  await build();
  const { prepareTests } = await import('../tooling/local-stores/dist/index.js');
  const say = (line) => console.log(line);
  await step('PostgreSQL, Redis, tools', () => prepareTests(say));
  const chromium = await step('Chromium', () => findChromium(say));

  const propertySeed = seeds[0] ?? process.env.PROPERTY_SEED;
  process.exitCode = await vitest(
    args,
    environment({ CHROMIUM_PATH: chromium, NODE_ENV: undefined, PROPERTY_SEED: propertySeed }),
  );
}

async function vitest(args, env) {
  const command = [toolPath('vitest'), 'run', ...args];
  const child = spawn(process.execPath, command, { cwd: ROOT, env, stdio: 'inherit' });
  // The terminal's Ctrl-C reaches it by itself; then it ends in its own good time, and we after it.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

await main(test);
