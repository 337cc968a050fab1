import { beforeEach, describe, expect, it } from 'vitest';
import { DIGEST, door, type Process, World } from './two-processes.ts';

const OTHER = 'digest-of-another-session';

let world: World;
let a: Process;
let b: Process;
let userId: string;
let handle: string;

beforeEach(async () => {
  world = new World();
  a = world.process();
  b = world.process();
  userId = await world.user();
  handle = await a.logIn(userId);
  await a.logIn(userId, OTHER);
});

/** Lets what runs behind an answer finish. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The version that PostgreSQL has of the user, set to what a failover left of it. */
async function losesTo(version: number): Promise<void> {
  const row = await world.database.rowOf(userId);
  if (row === null) throw new Error('the user is gone');
  row.version = version;
}

const versionNow = async (): Promise<number> => (await world.database.rowOf(userId))?.version ?? 0;

describe('a copy of a session counts beside the one version of its user that it was confirmed with', () => {
  it('and is a miss after whatever changes the user, until the record has confirmed it', async () => {
    expect(await b.find()).toBe('active');
    await world.users.update(userId, { role: 'ADMIN' });
    const { copy } = await b.parts.users.snapshot(userId);
    if (copy === null) throw new Error('the user is gone');
    await world.userCopies.put(copy);

    const before = b.statements;
    expect(await b.find()).toBe('active');
    expect(b.statements).toBe(before + 1);
    await settled();
    expect(await b.find()).toBe('active');
    expect(b.statements).toBe(before + 1);
  });

  it('in either direction: a version that the record has lost is believed no more than a lower one', async () => {
    const before = await versionNow();
    await a.parts.keeper.endAll(userId, 'revoked-all');
    await a.logIn(userId, 'digest-of-a-third');
    await losesTo(before);
    b.recordDown = true;

    await expect(b.find()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('so that the others of a realm are refused everywhere by one key, and the kept one goes on', async () => {
    expect([await b.find(), await b.find(OTHER)]).toEqual(['active', 'active']);
    await a.parts.keeper.endOthers(userId, 'web', handle, 'revoked-others');

    for (const process of [a, b]) {
      expect([await process.find(), await process.find(OTHER)]).toEqual(['active', 'revoked']);
    }
  });
});

describe('an answer of the record that is older than what this process has seen', () => {
  it('is asked for once more: what ended meanwhile is refused', async () => {
    world.flushAll();
    const late = door();
    a.afterRead = late.wait;
    const lookup = a.find();
    await late.reached;
    a.afterRead = async () => undefined;
    await a.parts.keeper.endAll(userId, 'revoked-all');
    late.open();

    expect(await lookup).toBe('revoked');
    await settled();
    expect((await world.copies.read(DIGEST, 'web')).state).not.toBe('hit');
  });

  it('counts where it stays so: the record has lost what was seen, and copies are believed again', async () => {
    const before = await versionNow();
    await a.parts.keeper.endOthers(userId, 'web', handle, 'revoked-others');
    await losesTo(before);
    world.flushAll();

    expect(await a.find()).toBe('active');
    await settled();
    const asked = a.statements;
    expect(await a.find()).toBe('active');
    expect(a.statements).toBe(asked);
  });

  it('ends nothing that this process has itself ended', async () => {
    await a.end();
    await losesTo(1);
    world.flushAll();
    expect(await a.find()).toBe('revoked');
  });
});
