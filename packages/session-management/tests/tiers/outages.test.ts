import { beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/policy/limits.ts';
import { carryOutIntents } from '../../src/propagation/carry-out-intents.ts';
import { DIGEST, door, type Process, World } from './two-processes.ts';

let world: World;
let a: Process;
let userId: string;

beforeEach(async () => {
  world = new World();
  a = world.process();
  userId = await world.user();
  await a.logIn(userId);
});

const unavailable = { code: 'STORE_UNAVAILABLE' };
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the fast store is gone', () => {
  it('finds sessions in the record, and fills the copies when it is back', async () => {
    a.copiesDown = true;
    world.flushAll();
    expect(await a.find()).toBe('active');
    a.copiesDown = false;
    expect(await a.find()).toBe('active');
    await settled();
    a.recordDown = true;
    expect(await a.find()).toBe('active');
  });

  it('signs in and out', async () => {
    a.copiesDown = true;
    await a.logIn(userId, 'second');
    expect(await a.find('second')).toBe('active');
    await a.end('second');
    expect(await a.find('second')).toBe('revoked');
  });

  it('asks the record once for lookups that arrive together', async () => {
    world.flushAll();
    a.statements = 0;
    const found = await Promise.all(Array.from({ length: 256 }, () => a.find()));
    expect(new Set(found)).toEqual(new Set(['active']));
    expect(a.statements).toBe(1);
  });

  it('does not let a lookup join a statement that was sent', async () => {
    world.flushAll();
    a.statements = 0;
    const late = door();
    a.afterRead = late.wait;
    const first = a.find();
    await late.reached;
    const second = a.find();
    await settled();
    late.open();
    expect([await first, await second]).toEqual(['active', 'active']);
    expect(a.statements).toBe(2);
  });
});

describe('the record is gone', () => {
  beforeEach(() => {
    a.recordDown = true;
  });

  it('serves what was confirmed within F + G, and not a moment longer', async () => {
    world.time += LIMITS.F + LIMITS.G;
    expect(await a.find()).toBe('active');
    world.time += 1;
    await expect(a.find()).rejects.toMatchObject(unavailable);
  });

  it('answers "unavailable", never "none", to what only the record could say', async () => {
    await expect(a.find('never-seen')).rejects.toMatchObject(unavailable);
    await expect(a.find(DIGEST, true)).rejects.toMatchObject(unavailable);
    world.flushAll();
    await expect(a.find()).rejects.toMatchObject(unavailable);
  });

  it('does not acknowledge a log-in, an end or an extension', async () => {
    await expect(a.logIn(userId, 'second')).rejects.toMatchObject(unavailable);
    await expect(a.parts.keeper.extend(DIGEST, 1_000)).rejects.toMatchObject(unavailable);
    expect(await a.find()).toBe('active');
    await expect(a.end()).rejects.toMatchObject(unavailable);
  });

  it('blocks the copy of what was to end, and ends it when the record is back', async () => {
    const b = world.process();
    await expect(a.end()).rejects.toMatchObject(unavailable);
    expect([await a.find(), await b.find()]).toEqual(['revoked', 'revoked']);
    expect(await b.parts.records.list(userId, 'web')).toHaveLength(1);

    await carryOutIntents(world.intents, b.parts.keeper);
    expect(await b.parts.records.list(userId, 'web')).toHaveLength(0);
    expect(await world.intents.list(10)).toEqual([]);
  });

  it('keeps an intent that could not be carried out', async () => {
    await expect(a.end()).rejects.toMatchObject(unavailable);
    await expect(carryOutIntents(world.intents, a.parts.keeper)).rejects.toMatchObject(unavailable);
    expect(await world.intents.list(10)).toHaveLength(1);
  });

  it('blocks nothing where there is no copy', async () => {
    world.flushAll();
    await expect(a.end()).rejects.toMatchObject(unavailable);
    expect(await world.copies.read(DIGEST, 'web')).toEqual({ state: 'miss' });
  });

  it('judges copies by the time of the fast store, in a process that never heard of another', async () => {
    const b = world.process();
    b.clockKnown = false;
    b.recordDown = true;
    expect(await b.find()).toBe('active');
  });

  it('waits for a fast store that answered a moment ago', async () => {
    expect(await a.find()).toBe('active');
    // The user's key is read beside the session's.
    a.lateReplies = 8;
    expect(await a.find()).toBe('active');
    expect(a.lateReplies).toBe(0);
  });

  it('asks one that has been silent for longer once more, and no oftener', async () => {
    expect(await a.find()).toBe('active');
    world.time += 1_001;
    a.lateReplies = 2;
    expect(await a.find()).toBe('active');
    world.time += 1_001;
    a.lateReplies = 4;
    await expect(a.find()).rejects.toMatchObject(unavailable);
    expect(a.lateReplies).toBe(0);
  });

  it('believes a tombstone that comes with the second reply', async () => {
    await world.copies.end([DIGEST], 'web');
    a.lateReplies = 2;
    expect(await a.find()).toBe('revoked');
  });

  it('says nothing without any store', async () => {
    a.copiesDown = true;
    await expect(a.find()).rejects.toMatchObject(unavailable);
  });
});

describe('a master of the fast store that is not trusted', () => {
  it('is not believed, and the record decides', async () => {
    a.master = 'another';
    a.statements = 0;
    expect(await a.find()).toBe('active');
    expect(a.statements).toBe(1);
    a.recordDown = true;
    await expect(a.find()).rejects.toMatchObject(unavailable);
    a.master = 'master';
    expect(await a.find()).toBe('active');
  });

  it('is not believed either when it takes over between question and answer', async () => {
    const read = world.copies.read.bind(world.copies);
    world.copies.read = async (digest, realm) => {
      a.master = 'another';
      return await read(digest, realm);
    };
    a.recordDown = true;
    await expect(a.find()).rejects.toMatchObject(unavailable);
  });
});

describe('a flood of lookups', () => {
  it('runs few statements at once and answers everybody', async () => {
    world.flushAll();
    a.copiesDown = true;
    let running = 0;
    let most = 0;
    const held = door();
    a.afterRead = async () => {
      running += 1;
      most = Math.max(most, running);
      await held.wait();
      running -= 1;
    };
    a.statements = 0;
    const lookups: Promise<string>[] = [];
    for (let wave = 0; wave < 20; wave += 1) {
      lookups.push(a.find(), a.find(`forged-${wave}`));
      await settled();
    }
    held.open();
    const found = await Promise.all(lookups);
    expect(found.filter((state) => state === 'active')).toHaveLength(20);
    expect(most).toBe(a.readStatements);
    expect(a.statements).toBeLessThan(10);
  });
});

describe('a commit whose answer was lost', () => {
  it('is asked again with the same digest and makes one session', async () => {
    let lost = 1;
    a.afterCreate = async () => {
      if (lost-- > 0) {
        const { SessionStoreUnavailableError } = await import('../../src/types/index.ts');
        throw new SessionStoreUnavailableError('postgres', 'commit');
      }
    };
    await a.logIn(userId, 'second');
    expect(await a.find('second')).toBe('active');
    expect(await a.parts.records.list(userId, 'web')).toHaveLength(2);
  });

  it('is told as unanswered when somebody ended the session before it was asked again', async () => {
    let lost = 1;
    a.afterCreate = async () => {
      if (lost-- <= 0) return;
      await a.parts.keeper.endAll(userId, 'revoked');
      const { SessionStoreUnavailableError } = await import('../../src/types/index.ts');
      throw new SessionStoreUnavailableError('postgres', 'commit');
    };
    await expect(a.logIn(userId, 'second')).rejects.toMatchObject(unavailable);
    expect(await a.find('second')).not.toBe('active');
  });

  it('is an error at the second time', async () => {
    a.afterCreate = async () => {
      const { SessionStoreUnavailableError } = await import('../../src/types/index.ts');
      throw new SessionStoreUnavailableError('postgres', 'commit');
    };
    await expect(a.logIn(userId, 'second')).rejects.toMatchObject(unavailable);
  });
});

describe('what nobody knows', () => {
  it('is asked of the record once a second', async () => {
    a.statements = 0;
    for (let i = 0; i < 50; i += 1) expect(await a.find('forged')).toBe('unknown');
    expect(a.statements).toBe(1);
    world.time += LIMITS.UNKNOWN + 1;
    expect(await a.find('forged')).toBe('unknown');
    expect(a.statements).toBe(2);
  });

  it('is known at once when it becomes a session', async () => {
    expect(await a.find('second')).toBe('unknown');
    await a.logIn(userId, 'second');
    expect(await a.find('second')).toBe('active');
  });
});

describe('expiry', () => {
  it('ends at the exact instant in the copy and in the record', async () => {
    await a.logIn(userId, 'short', 5_000);
    world.time += 4_999;
    expect(await a.find('short')).toBe('active');
    world.time += 1;
    expect(await a.find('short')).toBe('expired');
  });

  it('moves forward and back with extend, in this process and in others', async () => {
    const b = world.process();
    await a.logIn(userId, 'short', 5_000);
    expect(await b.find('short')).toBe('active');
    await a.parts.keeper.extend('short', 60_000);
    world.time += 10_000;
    expect([await a.find('short'), await b.find('short')]).toEqual(['active', 'active']);
    await b.parts.keeper.extend('short', 1_000);
    world.time += 1_000;
    expect([await a.find('short'), await b.find('short')]).toEqual(['expired', 'expired']);
  });
});

describe('a change of the user', () => {
  it('shows in every process at the next lookup', async () => {
    const b = world.process();
    await b.find();
    const change = await a.parts.users.change(userId, { role: 'ADMIN' });
    if (change === null) throw new Error('the user is there');
    await a.parts.keeper.userChanged(change, null);
    for (const process of [a, b]) {
      const finding = await process.parts.finder.find(DIGEST, 'web', false, 'unused');
      expect(finding).toMatchObject({ live: { user: { user: { role: 'ADMIN' } } } });
    }
  });

  it('shows in the process that made it, though nothing reached the fast store', async () => {
    await a.find();
    a.copiesDown = true;
    const change = await a.parts.users.change(userId, { role: 'ADMIN' });
    if (change === null) throw new Error('the user is there');
    await a.parts.keeper.userChanged(change, null);
    a.copiesDown = false;
    const finding = await a.parts.finder.find(DIGEST, 'web', false, 'unused');
    expect(finding).toMatchObject({ live: { user: { user: { role: 'ADMIN' } } } });
  });
});
