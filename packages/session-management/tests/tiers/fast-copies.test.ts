import { beforeEach, describe, expect, it } from 'vitest';
import { MemorySessionAdapter } from '../../src/adapters/memory-session-adapter.ts';
import { MemoryUserCopies } from '../../src/adapters/memory-user-copies.ts';
import { ALONE, namesOf } from '../../src/policy/key-names.ts';
import { LIMITS } from '../../src/policy/limits.ts';
import { sessionCopy, userCopy } from '../../src/testing/samples.ts';
import { FastCopies } from '../../src/tiers/fast-copies.ts';
import { KnownChanges } from '../../src/tiers/known-changes.ts';
import { NearCopies } from '../../src/tiers/near-copies.ts';
import { Tally } from '../../src/tiers/tally.ts';

const NOW = Date.UTC(2026, 0, 1);
const clock = { now: () => NOW, at: () => NOW, observe: () => undefined };
const user = userCopy(NOW);
const session = sessionCopy(NOW, { userId: user.user.id, userVersion: user.version });
const NAMES = namesOf(ALONE);
const KEYS = { session: NAMES.session(session.digest), user: NAMES.user(user.user.id) };
const FEED = { heardUntil: Number.POSITIVE_INFINITY };

/** Which master owns a key, and since when each counts. */
let masters: Map<string, string>;
let since: Map<string, number>;
let afterRead: Record<'session' | 'user', () => void>;
let copies: FastCopies;
let near: NearCopies;
let stored: MemorySessionAdapter;

beforeEach(async () => {
  masters = new Map(Object.values(KEYS).map((key) => [key, 'first']));
  afterRead = { session: () => undefined, user: () => undefined };
  since = new Map([
    ['first', NOW],
    ['second', NOW],
  ]);
  const pushes = { feedOf: () => FEED, onChange: () => () => undefined };
  const parts = {
    pushes,
    names: ALONE,
    clock,
    monotonic: clock,
    timing: LIMITS,
    random: () => 0.5,
  };
  near = new NearCopies({ ...parts, recalled: () => undefined }, { entries: 10, bytes: 100_000 });
  stored = new MemorySessionAdapter(clock);
  const users = new MemoryUserCopies(clock);
  await Promise.all([stored.put(session), users.fill(user, NOW)]);
  const [readSession, readUser] = [stored.read.bind(stored), users.read.bind(users)];
  copies = new FastCopies({
    sessions: Object.assign(stored, {
      read: async (digest: string, realm: string) => {
        const reading = await readSession(digest, realm);
        afterRead.session();
        return reading;
      },
    }),
    users: Object.assign(users, {
      read: async (id: string) => {
        const copy = await readUser(id);
        afterRead.user();
        return copy;
      },
    }),
    masters: { ownerOf: (key) => masters.get(key) ?? null },
    trust: { sinceOf: (master) => since.get(master) ?? null },
    changes: new KnownChanges(clock, clock, near),
    near,
    names: ALONE,
    clock,
    monotonic: clock,
    metrics: new Tally(),
  });
});

const read = () => copies.read(session.digest, session.realm);
const FAILED = { state: 'error' };

describe('a fast copy', () => {
  it('is read by both its keys, and kept near', async () => {
    expect(await read()).toMatchObject({ state: 'hit', live: { session, user } });
    expect(near.recall(session.digest)?.shown.id).toBe(session.handle);
  });

  it.each([-1, 1])('says nothing beside another version of its user: %i', async (by) => {
    await stored.put({ ...session, version: 2, userVersion: user.version + by });
    expect((await read()).state).toBe('miss');
    expect(near.recall(session.digest)).toBeNull();
  });

  it.each(['session', 'user'] as const)(
    'says nothing, the record decides and nothing is kept where the master of the %s is not named, or not known',
    async (which) => {
      masters.set(KEYS[which], 'nobody has named it');
      expect(await read()).toEqual(FAILED);
      masters.delete(KEYS[which]);
      expect(await read()).toEqual(FAILED);
      expect(near.recall(session.digest)).toBeNull();
    },
  );

  it.each(['session', 'user'] as const)(
    'that was confirmed before the master of its %s counted is a miss and not kept; at that instant it holds',
    async (which) => {
      masters.set(KEYS[which], 'second');
      since.set('second', NOW + 1);
      expect(await read()).toMatchObject({ state: 'miss' });
      expect(near.recall(session.digest)).toBeNull();
      since.set('second', NOW);
      expect(await read()).toMatchObject({ state: 'hit' });
    },
  );

  it.each(['session', 'user'] as const)(
    'is held against the instant that is known when its answer is there: raised while the %s is read',
    async (which) => {
      afterRead[which] = () => since.set('first', NOW + 1);
      expect(await read()).toMatchObject({ state: 'miss' });
      expect(near.recall(session.digest)).toBeNull();
    },
  );

  it.each(['session', 'user'] as const)(
    'says nothing where the name of its master is taken out while the %s is read',
    async (which) => {
      afterRead[which] = () => since.delete('first');
      expect(await read()).toEqual(FAILED);
      expect(near.recall(session.digest)).toBeNull();
    },
  );

  it('that has ended says so, whenever that was confirmed', async () => {
    await stored.end([session.digest], session.realm);
    since.set('first', NOW + 1);
    expect(await read()).toEqual({ state: 'tombstone' });
  });

  it.each([
    ['raised', () => since.set('first', NOW + 1), { state: 'miss' }],
    ['taken out', () => since.delete('first'), FAILED],
  ])(
    'is held against the master of its session once more when its user has come: %s meanwhile',
    async (_what, change, found) => {
      masters.set(KEYS.user, 'second');
      afterRead.user = change;
      expect(await read()).toMatchObject(found);
      expect(near.recall(session.digest)).toBeNull();
    },
  );

  it.each([
    ['session', 'unknown whose it is', false],
    ['user', 'unknown whose it is', false],
    ['session', 'both read at once', true],
    ['user', 'both read at once', true],
  ] as const)(
    'says nothing and is not kept where the master of the %s changes during the read (%s)',
    async (which, _how, knowsOwner) => {
      if (knowsOwner) await read();
      near.forgetSession(session.digest);
      afterRead[which] = () => masters.set(KEYS[which], 'second');
      expect(await read()).toEqual(FAILED);
      expect(near.recall(session.digest)).toBeNull();
      expect(await read()).toMatchObject({ state: 'hit' });
    },
  );

  it('that has ended says so where nobody can read its user', async () => {
    await read();
    await stored.end([session.digest], session.realm);
    masters.delete(KEYS.user);
    expect(await read()).toEqual({ state: 'tombstone' });
  });
});
