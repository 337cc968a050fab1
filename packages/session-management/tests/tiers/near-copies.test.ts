import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/policy/limits.ts';
import { ENTRIES, NearWorld } from './near-world.ts';

const key = fc.integer({ min: 0, max: 2 });

/** Everything that can happen between a process and its fast store, in any order. */
const step = fc.oneof(
  { weight: 6, arbitrary: key.map((n) => (world: NearWorld) => world.read(n)) },
  { weight: 6, arbitrary: fc.constant((world: NearWorld) => world.serve()) },
  { weight: 8, arbitrary: fc.constant((world: NearWorld) => world.deliver()) },
  { weight: 4, arbitrary: fc.constant((world: NearWorld) => world.goOn()) },
  { weight: 4, arbitrary: key.map((n) => (world: NearWorld) => world.changeSession(n)) },
  { weight: 2, arbitrary: key.map((n) => (world: NearWorld) => world.changeUser(n)) },
  { weight: 1, arbitrary: key.map((n) => (world: NearWorld) => world.learn(n)) },
  { weight: 1, arbitrary: fc.constant((world: NearWorld) => world.flush()) },
  { weight: 1, arbitrary: fc.constant((world: NearWorld) => world.disconnect()) },
  { weight: 2, arbitrary: fc.constant((world: NearWorld) => world.ping()) },
  {
    weight: 2,
    arbitrary: fc
      .integer({ min: 1, max: 20_000 })
      .map((ms) => (world: NearWorld) => world.pass(ms)),
  },
);

describe('near copies', () => {
  it('never answer what is stale once they were told, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
        const world = new NearWorld();
        for (const take of steps) {
          take(world);
          expect(world.wrongAnswers()).toEqual([]);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('answer what was read and not changed since: the property above is not an empty one', () => {
    const world = new NearWorld();
    world.readNow(1);
    expect(world.answers(1)).toBe(true);
    world.changeSession(1);
    // On its way, not told yet.
    expect(world.answers(1)).toBe(true);
    world.deliver();
    expect(world.answers(1)).toBe(false);
  });

  it('do not keep a reply whose key was told of between the reply and its reader', () => {
    const world = new NearWorld();
    world.read(1);
    world.serve();
    world.changeSession(1);
    while (world.deliver());
    world.finish();
    expect(world.answers(1)).toBe(false);
  });

  it('end with a change of the user, for each of its sessions', () => {
    const world = new NearWorld();
    world.readNow(0);
    world.readNow(2);
    world.changeUser(0);
    while (world.deliver());
    expect([world.answers(0), world.answers(2)]).toEqual([false, false]);
  });

  it('rest when the connection was not heard of for a second, and never come back by themselves', () => {
    const world = new NearWorld();
    world.readNow(1);
    world.pass(999);
    expect(world.answers(1)).toBe(true);
    world.pass(1);
    expect(world.answers(1)).toBe(false);
    world.ping();
    expect(world.answers(1)).toBe(false);
  });

  it('end at F, and at the exact instant at which the session expires', () => {
    const world = new NearWorld();
    world.readNow(1);
    world.passHeard(LIMITS.F - 1);
    expect(world.answers(1)).toBe(true);
    world.passHeard(1);
    expect(world.answers(1)).toBe(false);

    world.expiresIn = 500;
    world.readNow(1);
    world.passHeard(499);
    expect(world.answers(1)).toBe(true);
    world.passHeard(1);
    expect(world.answers(1)).toBe(false);
  });

  it('hold no more than they may, and the last used stay', () => {
    const world = new NearWorld();
    for (let n = 0; n < ENTRIES; n += 1) world.readNow(n);
    world.passHeard(1_000);
    expect(world.answers(0)).toBe(true);
    world.readNow(ENTRIES);
    expect(world.near.health().entries).toBe(ENTRIES);
    expect([world.answers(0), world.answers(1), world.answers(ENTRIES)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('tell once a second that a copy is in use, and from two thirds of F on that it is due', () => {
    const world = new NearWorld();
    world.readNow(1);
    for (let n = 0; n < 10; n += 1) world.answers(1);
    expect(world.told).toEqual([false]);
    world.passHeard(1_000);
    world.answers(1);
    world.passHeard(LIMITS.F * 0.95 - 1_000);
    world.answers(1);
    expect(world.told).toEqual([false, false, true]);
  });

  it('tell that a copy is due as soon as it is, however short F', () => {
    for (const F of [300, 1_000, 2_000, LIMITS.F]) {
      const world = new NearWorld(F);
      world.readNow(1);
      const due: number[] = [];
      for (world.now = 0; world.now < F; world.passHeard(F / 100)) {
        world.answers(1);
        if (world.told.at(-1)) due.push(world.now / F);
      }
      expect(due[0]).toBeCloseTo(2 / 3 + 0.15, 1);
    }
  });

  it('are none where nobody tells of changes', () => {
    const world = new NearWorld();
    world.disconnect();
    world.silent = true;
    world.readNow(1);
    expect(world.answers(1)).toBe(false);
    expect(world.near.health().entries).toBe(0);
  });
});
