import { spawn } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

const TITLE_WIDTH = 22;
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** A mistake of the person at the terminal, or something the machine lacks: told in plain words. */
export class Problem extends Error {}

/** A program that failed, with all that it said. */
export class ProgramFailed extends Error {
  constructor(command, code, output) {
    super(`${command} ended with ${code}`);
    this.output = output.trim();
  }
}

/**
 * Does one piece of work and prints one line about it.
 *
 * @param {string} title
 * @param {() => unknown} work - What it answers, if it is a string, is printed behind the title.
 */
export async function step(title, work) {
  const began = performance.now();
  if (process.stdout.isTTY) process.stdout.write(color('dim', `… ${title}`));
  try {
    const result = await work();
    printLine(color('green', '✓'), title, began, typeof result === 'string' ? result : '');
    return result;
  } catch (error) {
    printLine(color('red', '✗'), title, began, '');
    throw error;
  }
}

/**
 * Runs a program to its end, quietly.
 *
 * @returns {Promise<string>} What it printed.
 * @throws {ProgramFailed}
 */
export async function run(command, args, { cwd = ROOT, env = process.env } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = (signal) => {
    child.kill(signal);
    process.exit(1);
  };
  for (const signal of ENDING_SIGNALS) process.once(signal, end);

  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  for (const signal of ENDING_SIGNALS) process.off(signal, end);

  if (code !== 0) throw new ProgramFailed([command, ...args].join(' '), code, output);
  return output;
}

/** Runs a JavaScript program of an installed package with this Node. */
export function runTool(packageName, args, options) {
  return run(process.execPath, [toolPath(packageName), ...args], options);
}

/** The file behind a package's command. */
export function toolPath(packageName, command = packageName.split('/').at(-1)) {
  const folder = join(ROOT, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}

/** The environment without some variables and with others. */
export function environment(changes) {
  const env = { ...process.env, ...changes };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete env[name];
  }
  return env;
}

/** Whether Node was told to run this very file. */
export function isProgram(moduleUrl) {
  const program = process.argv[1];
  return program !== undefined && fileURLToPath(moduleUrl) === realpathSync(program);
}

/** Runs a script and turns what it throws into words and an exit code. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    tell(error);
    process.exitCode = 1;
  }
}

/** Prints an error the way its kind deserves. */
export function tell(error) {
  if (error instanceof ProgramFailed) {
    process.stderr.write(`\n${error.output}\n\n${color('red', error.message)}\n`);
  } else if (error instanceof Problem) {
    process.stderr.write(`\n${color('red', error.message)}\n`);
  } else {
    process.stderr.write(`\n${error instanceof Error ? error.stack : error}\n`);
  }
}

export function color(style, text) {
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text;
}

function printLine(mark, title, began, note) {
  const seconds = `${((performance.now() - began) / 1000).toFixed(1)} s`.padStart(7);
  const line = `${mark} ${title.padEnd(TITLE_WIDTH)} ${color('dim', `${seconds}  ${note}`.trimEnd())}`;
  process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${line}\n` : `${line}\n`);
}
