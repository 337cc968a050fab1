// The seeds that --seed and --explore ask for. Where neither does, each test has its fixed ones, so
// that what is played twice is played alike.
import { randomInt } from 'node:crypto';
import { Problem } from './steps.mjs';

const HIGHEST = 2 ** 31 - 1;
const MOST = 1_000;

/**
 * Takes `--seed N` and `--explore [count]` out of a script's arguments.
 *
 * @param {readonly string[]} args
 * @param {() => number} [draw] - Gives a fresh seed.
 * @returns {{ args: string[], seeds: number[] | undefined }} What is left, and what was asked for.
 * @throws {Problem}
 */
export function takeSeeds(args, draw = () => randomInt(HIGHEST + 1)) {
  const left = [...args];
  const seed = take(left, '--seed');
  const count = take(left, '--explore');
  if (seed !== undefined && count !== undefined) {
    throw new Problem('--seed plays one seed and --explore draws fresh ones: give one.');
  }
  if (seed !== undefined) return { args: left, seeds: [readSeed(seed ?? '', '--seed')] };
  if (count === undefined) return { args: left, seeds: undefined };
  const length = count === null ? 1 : wholeNumber(count, 1, MOST, '--explore');
  return { args: left, seeds: Array.from({ length }, draw) };
}

/**
 * @param {string} text
 * @param {string} name - Where the text stands, for the error.
 * @returns {number}
 * @throws {Problem}
 */
export function readSeed(text, name) {
  return wholeNumber(text, 0, HIGHEST, name);
}

/** The value behind an option; `null`: none, `undefined`: the option is not there. */
function take(args, option) {
  const place = args.indexOf(option);
  if (place < 0) return undefined;
  const next = args[place + 1];
  const hasValue = next !== undefined && !/^-\D/.test(next);
  args.splice(place, hasValue ? 2 : 1);
  return hasValue ? next : null;
}

function wholeNumber(text, least, most, name) {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  const given = text === '' ? 'nothing' : `"${text}"`;
  throw new Problem(
    `${name} takes a whole number from ${least} to ${most}, but was given ${given}.`,
  );
}
