import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeSeeds } from '../scripts/seeds.mjs';

describe('the options of seeds', () => {
  const numbers = [7, 8, 9].values();
  const draw = () => numbers.next().value ?? 0;

  it('leave it to the tests where none is given', () => {
    expect(takeSeeds(['-t', 'F-06'])).toEqual({ args: ['-t', 'F-06'], seeds: undefined });
  });

  it.each(['0', '2147483647'])('play the one seed that --seed names: %s', (seed) => {
    const taken = takeSeeds(['-t', 'F-06', '--seed', seed, '--any-speed']);
    expect(taken).toEqual({ args: ['-t', 'F-06', '--any-speed'], seeds: [Number(seed)] });
  });

  it('draw as many as --explore asks for, and one where it does not say', () => {
    expect(takeSeeds(['--explore', '2', '-t', 'random'], draw)).toEqual({
      args: ['-t', 'random'],
      seeds: [7, 8],
    });
    expect(takeSeeds(['--explore', '-t', 'random'], draw).seeds).toEqual([9]);
  });

  it('draw seeds that --seed accepts, each time others', () => {
    const { seeds = [] } = takeSeeds(['--explore', '100']);
    expect(new Set(seeds).size).toBeGreaterThan(90);
    for (const seed of seeds) expect(takeSeeds(['--seed', `${seed}`]).seeds).toEqual([seed]);
  });

  it.each([
    ['--seed', '--seed takes a whole number from 0 to 2147483647, but was given nothing.'],
    ['--seed -t x', '--seed takes a whole number from 0 to 2147483647, but was given nothing.'],
    ['--seed -1', '--seed takes a whole number from 0 to 2147483647, but was given "-1".'],
    ['--seed 1e3', '--seed takes a whole number from 0 to 2147483647, but was given "1e3".'],
    ['--seed 2147483648', '--seed takes .*, but was given "2147483648".'],
    ['--explore 0', '--explore takes a whole number from 1 to 1000, but was given "0".'],
    ['--explore tests', '--explore takes a whole number from 1 to 1000, but was given "tests".'],
    ['--seed 1 --explore', '--seed plays one seed and --explore draws fresh ones: give one.'],
  ])('say what is wrong with %s', (args, message) => {
    expect(() => takeSeeds(args.split(' '))).toThrow(new RegExp(`^${message}`));
  });
});

it('tries the same examples of a property in every run', () => {
  const examples = () => fc.sample(fc.array(fc.string()), 20);
  expect(examples()).toEqual(examples());
});
