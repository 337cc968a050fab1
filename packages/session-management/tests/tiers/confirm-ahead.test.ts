import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../src/policy/limits.ts';
import { ConfirmAhead } from '../../src/tiers/confirm-ahead.ts';
import { DIGEST, door, type Process, World } from './two-processes.ts';

/** Where luck is 0.5: two thirds of F, and half of the spread. */
const DUE = LIMITS.F * (2 / 3 + 0.15);

describe('a digest that is due', () => {
  let asked: string[];
  let now: number;
  let ahead: ConfirmAhead;

  beforeEach(() => {
    asked = [];
    now = 1_000;
    ahead = new ConfirmAhead((digest) => asked.push(digest), { now: () => now }, LIMITS.F);
  });

  it('is asked about once a second, however many answers say that it is due', () => {
    for (let n = 0; n < 1_000; n += 1) ahead.due('a');
    ahead.due('b');
    now += 999;
    ahead.due('a');
    expect(asked).toEqual(['a', 'b']);
    now += 2;
    ahead.due('a');
    expect(asked).toEqual(['a', 'b', 'a']);
  });

  it('is asked about more often where F is short: there is a second chance before F is over', () => {
    const F = 900;
    ahead = new ConfirmAhead((digest) => asked.push(digest), { now: () => now }, F);
    for (const end = now + F / 3; now < end; now += 10) ahead.due('a');
    expect(asked).toEqual(['a', 'a']);
  });
});

describe('a session in use', () => {
  let world: World;
  let here: Process;
  let statements: () => number;

  beforeEach(async () => {
    world = new World();
    here = world.process();
    await here.logIn(await world.user());
    const before = here.statements;
    statements = () => here.statements - before;
  });

  it('costs PostgreSQL nothing until it is due', async () => {
    world.time += DUE - 1;
    for (let n = 0; n < 100; n += 1) expect(await here.find()).toBe('active');
    expect(statements()).toBe(0);
  });

  it('is confirmed behind the answer when it is due, by one statement, which lasts again as long', async () => {
    world.time += DUE;
    const slow = door();
    here.afterRead = slow.wait;
    // Each is answered although PostgreSQL is not: the statement waits at the door.
    for (let n = 0; n < 100; n += 1) expect(await here.find()).toBe('active');
    await slow.reached;
    expect(statements()).toBe(1);
    slow.open();
    await vi.waitFor(async () => {
      const copy = await world.copies.read(DIGEST, 'web');
      expect(copy).toMatchObject({ session: { confirmedAt: world.time } });
    });

    world.time += DUE - 1;
    for (let n = 0; n < 100; n += 1) expect(await here.find()).toBe('active');
    expect(statements()).toBe(1);
  });

  it('shares the statement with all that are due at the same time', async () => {
    const userId = await world.user();
    const digests = Array.from({ length: 50 }, (_, n) => `digest-${n}`);
    for (const digest of digests) await here.logIn(userId, digest);
    const before = statements();
    world.time += DUE;
    const found = await Promise.all(digests.map((digest) => here.find(digest)));
    expect(new Set(found)).toEqual(new Set(['active']));
    await vi.waitFor(() => expect(statements()).toBe(before + 1));
  });

  it('is asked about again by a later answer when that failed, and goes on until then', async () => {
    world.time += DUE;
    here.recordDown = true;
    expect(await here.find()).toBe('active');
    await vi.waitFor(() => expect(statements()).toBe(1));
    here.recordDown = false;
    world.time += 1_001;
    expect(await here.find()).toBe('active');
    await vi.waitFor(async () => {
      const copy = await world.copies.read(DIGEST, 'web');
      expect(copy).toMatchObject({ session: { confirmedAt: world.time } });
    });
  });

  it('waits for PostgreSQL at F', async () => {
    world.time += LIMITS.F + 1;
    const slow = door();
    here.afterRead = slow.wait;
    const answers: string[] = [];
    const waiting = here.find().then((state) => answers.push(state));
    await slow.reached;
    expect(answers).toEqual([]);
    slow.open();
    await waiting;
    expect(answers).toEqual(['active']);
  });

  it('that ended elsewhere unheard of is refused by the first answer after its confirmation', async () => {
    await world.records.endByDigest(DIGEST, 'signed-out');
    world.time += DUE;
    expect(await here.find()).toBe('active');
    await vi.waitFor(async () => expect(await here.find()).toBe('revoked'));
    expect(statements()).toBe(1);
  });
});
