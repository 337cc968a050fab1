import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment, Problem, run } from './steps.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_APPS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const PACKAGES = ['chromium', 'fonts-dejavu-core'];

/**
 * The path of a Chromium for the browser tests: CHROMIUM_PATH, one of this machine, or one
 * that apt-get installs.
 *
 * @throws {Problem} One that says what to do.
 */
export async function findChromium(say) {
  const named = process.env.CHROMIUM_PATH;
  if (named && !isProgram(named)) {
    throw new Problem(`CHROMIUM_PATH is ${named}, and that is no program.`);
  }
  const present = named || onMachine();
  if (present) return present;

  await install(say);
  const installed = onMachine();
  if (installed) return installed;
  throw new Problem('apt-get installed chromium, but it is not on PATH. Set CHROMIUM_PATH.');
}

async function install(say) {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !existsSync('/usr/bin/apt-get')) {
    throw new Problem(
      'The browser tests need Chromium, and there is none. Install it (Debian: apt-get install ' +
        'chromium; macOS: brew install --cask chromium), or set CHROMIUM_PATH.',
    );
  }
  const command = ['install', '-y', '--no-install-recommends', ...PACKAGES];
  say(`Chromium is missing: running apt-get ${command.join(' ')}`);
  const env = environment({ DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' });
  const apt = (args) => run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], { env });
  await apt(['update']);
  await apt(command);
}

function onMachine() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...candidates, ...MAC_APPS].find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
