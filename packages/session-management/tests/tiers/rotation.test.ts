import { beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/policy/limits.ts';
import { SessionStoreUnavailableError } from '../../src/types/index.ts';
import { DIGEST, door, type Process, World } from './two-processes.ts';

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
const rotate = async (process: Process, from = DIGEST, next = 'next') =>
  (await process.parts.rotator.rotate(from, next)).state;

describe('the previous digest, in its grace', () => {
  it('is accepted by the copies alone, and in every process', async () => {
    expect(await b.find()).toBe('active');
    expect(await rotate(a)).toBe('rotated');
    b.recordDown = true;

    expect([await b.find(), await b.find('next')]).toEqual(['active', 'active']);
  });

  it('is in the fast store until the grace is over, also where no copy was', async () => {
    world.flushAll();
    await rotate(a);

    const reading = await world.copies.read(DIGEST, 'web');
    const expiresAt = world.time + LIMITS.ROTATION_GRACE;
    expect(reading).toMatchObject({ state: 'hit', session: { inGrace: true, expiresAt } });
  });

  it('is no use of the session', async () => {
    const [opened] = await world.records.list(userId, 'web');
    world.time += LIMITS.TOUCH;
    await rotate(a);
    expect(await b.find()).toBe('active');
    await b.parts.release();
    const [seen] = await world.records.list(userId, 'web');
    expect(seen?.lastSeenAt).toBe(opened?.lastSeenAt);

    expect(await a.find('next')).toBe('active');
    await a.parts.release();
    expect((await world.records.list(userId, 'web'))[0]?.lastSeenAt).toBe(world.time);
  });
});

describe('the previous digest, after its grace', () => {
  it('is refused by every process, by the record', async () => {
    expect(await b.find()).toBe('active');
    await rotate(a);
    world.time += LIMITS.ROTATION_GRACE;

    expect([await a.find(), await b.find()]).toEqual(['revoked', 'revoked']);
    expect(await b.find('next')).toBe('active');
  });

  it('is accepted by no copy while the record is down', async () => {
    await rotate(a);
    expect(await b.find()).toBe('active');
    world.time += LIMITS.ROTATION_GRACE;
    b.recordDown = true;

    await expect(b.find()).rejects.toThrow(SessionStoreUnavailableError);
    expect(await b.find('next')).toBe('active');
  });

  it('is not revived by what was read before the rotation and is written after the grace', async () => {
    world.flushAll();
    const late = door();
    b.beforePut = late.wait;
    expect(await b.find()).toBe('active');
    await late.reached;
    await rotate(a);
    world.time += LIMITS.ROTATION_GRACE;
    late.open();
    await settled();

    const c = world.process();
    expect([await a.find(), await b.find(), await c.find()]).toEqual([
      'revoked',
      'revoked',
      'revoked',
    ]);
  });

  it('is refused where it was rotated though nothing of it reached the fast store', async () => {
    expect(await a.find()).toBe('active');
    a.copiesDown = true;
    await rotate(a);
    a.copiesDown = false;
    world.time += LIMITS.ROTATION_GRACE;
    expect(await a.find()).toBe('revoked');

    expect(await b.find()).toBe('active');
    world.time += LIMITS.F;
    expect(await b.find()).toBe('revoked');
  });
});

describe('a rotation', () => {
  it('ends the digest of before the last one, everywhere, at once', async () => {
    await rotate(a);
    expect(await b.find()).toBe('active');
    await rotate(a, 'next', 'third');
    b.recordDown = true;

    expect([await a.find(), await b.find()]).toEqual(['revoked', 'revoked']);
    expect(await world.copies.read(DIGEST, 'web')).toEqual({ state: 'tombstone' });
    expect([await b.find('next'), await b.find('third')]).toEqual(['active', 'active']);
  });

  it('is found out by saying it again when its answer was lost, and is done once', async () => {
    let lost = 1;
    a.afterCreate = async () => {
      lost -= 1;
      if (lost === 0) throw new SessionStoreUnavailableError('postgres', 'test');
    };

    expect(await rotate(a)).toBe('rotated');
    expect([await a.find(), await a.find('next')]).toEqual(['active', 'active']);
    expect(await rotate(a)).toBe('rotated');
    expect(await rotate(b, DIGEST, 'other')).toBe('in-grace');
  });

  it('is refused where the session was seen to end while it was under way', async () => {
    const late = door();
    a.afterCreate = late.wait;
    const rotation = rotate(a);
    await late.reached;
    await a.end(DIGEST);
    late.open();

    expect(await rotation).toBe('revoked');
    expect([await a.find(), await a.find('next')]).toEqual(['revoked', 'revoked']);
    expect(await world.copies.read('next', 'web')).toEqual({ state: 'tombstone' });
  });

  it('is believed of nothing that was known to be unknown', async () => {
    expect(await a.find('next')).toBe('unknown');
    await rotate(a);

    expect(await a.find('next')).toBe('active');
  });
});
