import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../src/policy/limits.ts';
import { DIGEST, type Process, World } from './two-processes.ts';

const { F, FILL, USER_KEY } = LIMITS;

let world: World;
let here: Process;
let userId: string;
/** Confirmations of the user that reached the fast store. */
let fills: () => number;

/** Lets what runs behind an answer finish. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function find(confirm = false): Promise<string> {
  const state = await here.find(DIGEST, confirm);
  await settled();
  return state;
}

beforeEach(async () => {
  world = new World();
  here = world.process();
  userId = await world.user();
  await here.logIn(userId);
  await find();
  const fill = vi.spyOn(world.userCopies, 'fill');
  fills = () => fill.mock.calls.length;
});

describe("the user's key", () => {
  it('is left alone by a confirmation while it is the same and young', async () => {
    const before = await world.userCopies.read(userId);
    for (let passed = 0; passed < USER_KEY / 2 - F; passed += F + 1) {
      world.time += F + 1;
      expect(await find()).toBe('active');
    }
    expect(fills()).toBe(0);
    expect(await world.userCopies.read(userId)).toEqual(before);
    expect(await world.copies.read(DIGEST, 'web')).toMatchObject({
      session: { confirmedAt: world.time },
    });
  });

  it('is written anew past half of its life, so that what was confirmed last outlives F + G', async () => {
    world.time += USER_KEY / 2;
    expect(await find()).toBe('active');
    expect(await world.userCopies.read(userId)).toMatchObject({ writtenAt: world.time });

    world.time += USER_KEY - 1;
    expect(await world.userCopies.read(userId)).not.toBeNull();
  });

  it('is written where it is missing, or of another version', async () => {
    world.time += USER_KEY;
    expect(await find()).toBe('active');
    expect(fills()).toBe(1);

    await world.users.update(userId, { role: 'ADMIN' });
    await world.database.rowOf(userId);
    world.time += F + 1;
    expect(await find()).toBe('active');
    expect(fills()).toBe(2);
    expect(await world.userCopies.read(userId)).toMatchObject({ user: { role: 'ADMIN' } });
  });

  it('is looked at where a confirmation has not read it', async () => {
    expect(await find(true)).toBe('active');
    expect(fills()).toBe(1);
  });

  it('and that of the session are not written by an answer that was long under way', async () => {
    world.flushAll();
    here.afterRead = async () => world.pass(FILL + 1);
    expect(await find()).toBe('active');
    expect(await world.copies.read(DIGEST, 'web')).toEqual({ state: 'miss' });
    expect(await world.userCopies.read(userId)).toBeNull();

    here.afterRead = async () => world.pass(FILL);
    expect(await find()).toBe('active');
    expect((await world.copies.read(DIGEST, 'web')).state).toBe('hit');
    expect(await world.userCopies.read(userId)).not.toBeNull();
  });
});

it("a user's last log-in is said by the copy of the session, as of its own confirmation", async () => {
  const lastLoginAt = new Date(world.time);
  await world.users.update(userId, { lastLoginAt });
  const held = await world.userCopies.read(userId);
  expect(await find(true)).toBe('active');

  const found = await here.parts.finder.find(DIGEST, 'web', false, 'unused');
  expect(found).toMatchObject({
    tier: 'fast',
    live: { session: { lastLoginAt: lastLoginAt.getTime() } },
  });
  expect(await world.userCopies.read(userId)).toEqual(held);
});

it('before it is known which deployment this is, the record decides, and without it nobody', async () => {
  here.namesKnown = false;
  const before = here.statements;
  expect(await find()).toBe('active');
  expect(here.statements).toBe(before + 1);

  here.recordDown = true;
  await expect(here.find()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  here.namesKnown = true;
  expect(await find()).toBe('active');
});
