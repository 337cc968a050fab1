import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { redisKilled } from '../cases/redis.ts';
import { schedule } from '../cases/schedule.ts';
import { keepsNearCopies } from '../harness/near-copies.ts';
import { seedsOf } from '../harness/seeds.ts';

describe('the seeds of a fault', () => {
  beforeEach(() => {
    vi.stubEnv('FAULT_SEED', undefined);
    vi.stubEnv('FAULT_NEAR_COPIES', undefined);
    return () => vi.unstubAllEnvs();
  });

  it.each([redisKilled, schedule])('are the same in every run: $id', (fault) => {
    expect(seedsOf(fault).length).toBeGreaterThan(0);
    expect(seedsOf(fault)).toEqual(seedsOf(fault));
  });

  it('play a random schedule with near copies and without', () => {
    const kept = seedsOf(schedule).map((seed) => keepsNearCopies(schedule.id, seed));
    expect(new Set(kept)).toEqual(new Set([true, false]));
  });

  it.each([
    ['5', [5]],
    ['5,8', [5, 8]],
  ])('are those that FAULT_SEED lists: %s', (listed, seeds) => {
    vi.stubEnv('FAULT_SEED', listed);
    expect(seedsOf(redisKilled)).toEqual(seeds);
    expect(seedsOf(schedule)).toEqual(seeds);
  });

  it.each(['', 'x', '5,', '-1'])('are nothing that is no number: "%s"', (listed) => {
    vi.stubEnv('FAULT_SEED', listed);
    expect(() => seedsOf(schedule)).toThrow(/^FAULT_SEED takes a whole number/);
  });
});

it('tries the same examples of a property in every run', () => {
  const examples = () => fc.sample(fc.array(fc.string()), 20);
  expect(examples()).toEqual(examples());
});
