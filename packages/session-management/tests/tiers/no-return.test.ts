import { beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/policy/limits.ts';
import { DIGEST, door, type Process, World } from './two-processes.ts';

const NOBODY = { forgetSession: () => undefined, forgetUser: () => undefined };

let world: World;
let a: Process;
let b: Process;
let userId: string;

beforeEach(async () => {
  world = new World();
  a = world.process();
  b = world.process();
  userId = await world.user();
  await a.logIn(userId);
});

/** Lets what runs behind an answer finish. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('P2, P3: what was revoked never comes back', () => {
  it('refuses in the process that revoked, whatever the fast store still says', async () => {
    expect(await a.find()).toBe('active');
    a.copiesDown = true;
    await a.end();
    a.copiesDown = false;
    expect(await a.find()).toBe('revoked');
  });

  it('refuses in another process at once, by the tombstone', async () => {
    expect(await b.find()).toBe('active');
    await a.end();
    b.recordDown = true;
    expect(await b.find()).toBe('revoked');
  });

  it('refuses an answer that was read before the revoke and comes after it', async () => {
    world.flushAll();
    const late = door();
    a.afterRead = late.wait;
    const lookup = a.find();
    await late.reached;
    await a.end();
    late.open();
    expect(await lookup).toBe('revoked');
    await settled();
    expect(await world.copies.read(DIGEST, 'web')).toEqual({ state: 'tombstone' });
  });

  it('never gives a lookup the answer of a statement that was sent before the lookup began', async () => {
    world.flushAll();
    const late = door();
    b.afterRead = late.wait;
    const early = b.find();
    await late.reached;
    b.copiesDown = true;
    await a.end();

    b.afterRead = async () => undefined;
    expect(await b.find()).toBe('revoked');
    late.open();
    expect(await early).toBe('revoked');
  });

  it('does not let a fill that was under way replace the tombstone', async () => {
    world.flushAll();
    const late = door();
    b.beforePut = late.wait;
    expect(await b.find()).toBe('active');
    await late.reached;
    await a.end();
    late.open();
    await settled();
    expect(await b.find()).toBe('revoked');
    expect(await world.copies.read(DIGEST, 'web')).toEqual({ state: 'tombstone' });
  });

  it('refuses within F what a late fill wrote after the tombstone was flushed', async () => {
    world.flushAll();
    const late = door();
    b.beforePut = late.wait;
    expect(await b.find()).toBe('active');
    await late.reached;
    await a.end();
    world.flushAll();
    late.open();
    await settled();

    const c = world.process();
    expect(await c.find()).toBe('active');
    world.time += LIMITS.F + 1;
    expect(await c.find()).toBe('revoked');
    expect(await a.find()).toBe('revoked');
  });

  it('refuses at once with confirm, even where the lost tombstone left a copy', async () => {
    b.copiesDown = true;
    a.copiesDown = true;
    await a.end();
    a.copiesDown = false;
    b.copiesDown = false;
    expect(await b.find(DIGEST, true)).toBe('revoked');
    expect(await b.find()).toBe('revoked');
  });

  it.each(['before', 'after'])(
    'extending %s the revoke creates and revives nothing',
    async (when) => {
      if (when === 'before') await b.parts.keeper.extend(DIGEST, 1_000_000);
      await a.end();
      await b.parts.keeper.extend(DIGEST, 1_000_000);
      expect(await world.copies.read(DIGEST, 'web')).toEqual({ state: 'tombstone' });
      world.flushAll();
      await b.parts.keeper.extend(DIGEST, 1_000_000);
      expect(await world.copies.read(DIGEST, 'web')).toEqual({ state: 'miss' });
      expect(await b.find()).toBe('revoked');
    },
  );

  it('remembers an end that it only saw, when the fast store forgets it and the record is down', async () => {
    await a.end();
    expect(await b.find()).toBe('revoked');
    world.flushAll();
    b.recordDown = true;
    expect(await b.find()).toBe('revoked');
  });
});

describe('ending all sessions of a user', () => {
  it('ends them by one key, though every copy is still there', async () => {
    await a.logIn(userId, 'second');
    expect([await b.find(), await b.find('second')]).toEqual(['active', 'active']);
    expect(await a.parts.keeper.endAll(userId, 'revoked-all')).toBe(2);
    expect([await b.find(), await b.find('second')]).toEqual(['revoked', 'revoked']);
  });

  it('ends them in the process that did it, though nothing reached the fast store', async () => {
    expect(await a.find()).toBe('active');
    a.copiesDown = true;
    await a.parts.keeper.endAll(userId, 'revoked-all');
    a.copiesDown = false;
    expect(await a.find()).toBe('revoked');
  });

  it('refuses an answer that was read before and comes after', async () => {
    world.flushAll();
    const late = door();
    a.afterRead = late.wait;
    const lookup = a.find();
    await late.reached;
    await a.parts.keeper.endAll(userId, 'revoked-all');
    late.open();
    expect(await lookup).toBe('revoked');
  });

  it('leaves a session that is opened afterwards alone', async () => {
    await a.parts.keeper.endAll(userId, 'revoked-all');
    await a.logIn(userId, 'third');
    expect([await a.find('third'), await b.find('third')]).toEqual(['active', 'active']);
  });
});

describe('a process that has seen more ends than it can remember', () => {
  it('asks the record about every older copy instead of believing it', async () => {
    const { KnownChanges } = await import('../../src/tiers/known-changes.ts');
    const changes = new KnownChanges(
      world.clock,
      { ...world.clock, at: (now) => now, observe: () => undefined },
      NOBODY,
      2,
    );
    for (const digest of ['one', 'two', 'three']) changes.sessionEnded(digest);
    expect([changes.hasEnded('one'), changes.hasEnded('three')]).toEqual([false, true]);
    expect([changes.distrusts(world.time), changes.distrusts(world.time + 1)]).toEqual([
      true,
      false,
    ]);
  });
});
