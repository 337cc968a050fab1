import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasCode, type UserManager } from '../../src/types/index.ts';
import { METADATA, openStores, type Stores, WEEK } from './support.ts';

let stores: Stores;
let here: UserManager;
let there: UserManager;

beforeAll(async () => {
  stores = await openStores();
  [here, there] = await Promise.all([stores.manager(), stores.manager()]);
});

afterAll(() => stores.close());

const statusOf = async (manager: UserManager, sessionId: string, confirm = false) => {
  const found = await manager.validateSession(sessionId, { confirm });
  return found.status === 'active' ? 'active' : found.reason;
};

/** Ten lookups and extensions in flight in two processes, and one end in the middle of them. */
async function round(index: number, sessionId: string, end: () => Promise<unknown>): Promise<void> {
  const inFlight: Promise<unknown>[] = [];
  const start = (call: number): void => {
    const manager = call % 2 === 0 ? here : there;
    inFlight.push(
      call % 3 === 0
        ? manager.extendSession(sessionId, WEEK + call)
        : manager.validateSession(sessionId, { confirm: call % 4 === 0 }),
    );
  };
  for (let call = 0; call < 5; call += 1) start(call);
  await inFlight[index % 6];
  const ended = end();
  for (let call = 5; call < 10; call += 1) start(call);
  await ended;

  expect(await statusOf(here, sessionId)).toBe('revoked');
  expect(await statusOf(there, sessionId)).toBe('revoked');
  await Promise.all(inFlight);
  expect(await statusOf(here, sessionId)).toBe('revoked');
  expect(await statusOf(there, sessionId)).toBe('revoked');
}

describe('a revoke among lookups and extensions in flight, on real stores', () => {
  it('is final in 300 rounds, by sessionId, by handle, by "others" and by "all"', async () => {
    const ended: string[] = [];
    for (let index = 0; index < 300; index += 1) {
      const userId = await stores.user(here);
      const sessionId = await here.createSession(userId, METADATA, WEEK);
      const found = await here.validateSession(sessionId);
      if (found.status !== 'active') throw new Error('a new session is active');
      const handle = found.session.id;
      const ends = [
        () => here.deleteSession(sessionId),
        () => here.revokeSession(userId, handle),
        () => here.revokeOtherSessions(userId, 'another'),
        () => here.revokeAllSessions(userId),
      ];
      const end = ends[index % ends.length];
      if (end === undefined) throw new Error('there are four ways');
      await round(index, sessionId, end);
      ended.push(sessionId);
    }

    await stores.redis.flushDb();
    const fresh = await stores.manager();
    const states = await Promise.all(
      ended.flatMap((id) => [statusOf(here, id), statusOf(there, id), statusOf(fresh, id)]),
    );
    expect(new Set(states)).toEqual(new Set(['revoked']));
  }, 120_000);
});

describe('a log-in among "end all sessions"', () => {
  it('lands on one side of it in 100 rounds: ended, or alive everywhere', async () => {
    for (let index = 0; index < 100; index += 1) {
      const userId = await stores.user(here);
      const [before, , after] = await Promise.all([
        there.createSession(userId, METADATA, WEEK),
        here.revokeAllSessions(userId),
        here.createSession(userId, METADATA, WEEK),
      ]);
      for (const sessionId of [before, after]) {
        const truth = await statusOf(here, sessionId, true);
        expect(await statusOf(here, sessionId)).toBe(truth);
        expect(await statusOf(there, sessionId)).toBe(truth);
      }
      const live = await here.listSessions(userId);
      const states = await Promise.all([before, after].map((id) => statusOf(there, id)));
      expect(states.filter((state) => state === 'active')).toHaveLength(live.length);
    }
  }, 60_000);
});

describe('twenty parallel sign-ups of one address, in mixed case', () => {
  it('give one account and nineteen clean conflicts', async () => {
    const name = randomUUID();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => {
        const email =
          index % 2 === 0 ? `${name}@Example.COM` : ` ${name.toUpperCase()}@example.com`;
        const manager = index % 3 === 0 ? here : there;
        return manager.create({ email, role: 'USER', isVerified: false });
      }),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const conflicts = results.filter(
      (result) => result.status === 'rejected' && hasCode(result.reason, 'EMAIL_TAKEN'),
    );
    expect(conflicts).toHaveLength(19);
  });
});

describe('many users at once', () => {
  it('never shows one user as another, in 2,000 parallel lookups of 100 users', async () => {
    const owners = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const userId = await stores.user(here);
        return { userId, sessionId: await here.createSession(userId, METADATA, WEEK) };
      }),
    );
    await stores.redis.flushDb();
    const lookups = Array.from({ length: 2_000 }, async (_, index) => {
      const owner = owners[index % owners.length];
      if (owner === undefined) throw new Error('there are a hundred');
      const manager = index % 2 === 0 ? here : there;
      const user = await manager.findBySessionId(owner.sessionId);
      return user?.id === owner.userId;
    });
    expect((await Promise.all(lookups)).filter((own) => !own)).toHaveLength(0);
  });
});
