import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ALONE, namesOf } from '../../src/policy/key-names.ts';
import { sessionCopy, userCopy } from '../../src/testing/samples.ts';
import type { FastCopies } from '../../src/tiers/fast-copies.ts';
import { OwnChanges } from '../../src/tiers/own-changes.ts';
import { type CarriedChange, SessionStoreUnavailableError } from '../../src/types/index.ts';

const DOWN = new SessionStoreUnavailableError('redis', 'test');
const NOW = Date.UTC(2026, 0, 1);
const session = sessionCopy(NOW, { version: 4 });
const user = userCopy(NOW, { version: 5 });
const { session: sessionKey, user: userKey } = namesOf(ALONE);
const SENT_AT = 1_000;
const TOMBSTONE = Number.MAX_SAFE_INTEGER;
const GATHER = 20;

let written: string[];
/** The master that each key goes to: `A` unless told. */
let owners: Map<string, string | null>;
/** Runs while a key is written. */
let during: () => void;
let isDown: boolean;
/** Whether the record's answer was long under way. */
let isLate: boolean;
let deleteCarried = vi.fn<(changes: readonly CarriedChange[]) => Promise<void>>();
let own: OwnChanges;

beforeEach(() => {
  vi.useFakeTimers();
  written = [];
  owners = new Map();
  [during, isDown, isLate] = [() => undefined, false, false];
  deleteCarried = vi.fn(async () => undefined);
  const write = (verb: string) => async (): Promise<void> => {
    if (isDown) throw DOWN;
    during();
    written.push(verb);
  };
  const copies: Pick<FastCopies, 'sessions' | 'users' | 'fill' | 'isLate'> = {
    sessions: {
      read: async () => ({ state: 'miss' }),
      put: write('put'),
      add: write('add'),
      replace: write('replace'),
      end: write('end'),
      block: write('block'),
      now: async () => NOW,
    },
    users: {
      read: async () => null,
      put: write('put user'),
      fill: write('fill user'),
      end: write('end user'),
    },
    isLate: () => isLate,
    fill: write('fill'),
  };
  own = new OwnChanges({
    copies,
    masters: { ownerOf: (key) => (owners.has(key) ? (owners.get(key) ?? null) : 'A') },
    names: ALONE,
    outbox: { deleteCarried },
    settle: (_operation, work) =>
      work().then(
        () => undefined,
        () => undefined,
      ),
  });
});

afterEach(async () => {
  await own.flush();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const deleted = () => deleteCarried.mock.calls.flatMap(([changes]) => changes);
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a change of this process', () => {
  it('of a session that was long under way is left to the carrier', async () => {
    isLate = true;
    await own.replace(session, SENT_AT);
    await own.put(session, SENT_AT);
    await own.fill({ session, user }, SENT_AT);
    await pass(GATHER);
    expect([written, deleted()]).toEqual([[], []]);
  });

  it('is carried before the caller is told; its rows are deleted behind the answer', async () => {
    await own.putUser(user);
    expect(written).toEqual(['put user']);
    expect(deleteCarried).not.toHaveBeenCalled();
    await pass(GATHER);
    const { id } = user.user;
    expect(deleted()).toEqual([{ kind: 'user', key: id, version: 5, master: 'A' }]);
  });

  it.each([
    ['replaced', () => own.replace(session, SENT_AT), 4],
    ['put', () => own.put(session, SENT_AT), 4],
    ['filled', () => own.fill({ session, user }, SENT_AT), 4],
    ['ended', () => own.end([session.digest], session.realm), TOMBSTONE],
  ] as const)(
    'of a session that is %s speaks for rows up to its version, an end for all',
    async (_how, change, version) => {
      await change();
      await pass(GATHER);
      expect(deleted()).toEqual([{ kind: 'session', key: session.digest, version, master: 'A' }]);
    },
  );

  it('goes in one statement with those of the same moment, 500 at a time', async () => {
    await own.end(
      Array.from({ length: 1_200 }, (_, n) => `digest-${n}`),
      'web',
    );
    await own.putUser(user);
    await pass(GATHER);
    expect(deleteCarried.mock.calls.map(([changes]) => changes.length)).toEqual([500, 500, 201]);
    await own.putUser(user);
    await pass(GATHER);
    expect(deleteCarried).toHaveBeenCalledTimes(4);
  });

  it('names for each key the master that took it', async () => {
    owners.set(sessionKey('one', 'admin'), 'B');
    await own.end(['one', 'two'], 'admin');
    await pass(GATHER);
    expect(deleted().map(({ key, master }) => `${key} ${master}`)).toEqual(['one B', 'two A']);
  });

  it('is deleted at once by who closes', async () => {
    await own.putUser(user);
    await own.flush();
    expect(deleted()).toHaveLength(1);
  });
});

describe('its rows are left to the carrier', () => {
  it.each([
    ['a session', () => own.replace(session, SENT_AT)],
    ['an end', () => own.end([session.digest], session.realm)],
    ['a user', () => own.putUser(user)],
  ] as const)('where the fast store did not take it: %s', async (_what, change) => {
    isDown = true;
    await expect(change()).rejects.toThrow(DOWN);
    await pass(GATHER);
    expect(deleted()).toEqual([]);
  });

  it.each([
    ['nobody knew before whose the key is', null, 'A'],
    ['the master went while it was written', 'A', null],
    ['the master became another while it was written', 'A', 'B'],
  ])('where %s', async (_what, before, then) => {
    const keys = [sessionKey(session.digest, session.realm), userKey(user.user.id)];
    const set = (master: string | null) => {
      for (const key of keys) owners.set(key, master);
    };
    for (const change of [
      () => own.replace(session, SENT_AT),
      () => own.end([session.digest], session.realm),
      () => own.putUser(user),
    ]) {
      set(before);
      during = () => set(then);
      await change();
    }
    await pass(GATHER);
    expect(deleted()).toEqual([]);
  });

  it('where their deletion fails, and nobody hears of it', async () => {
    deleteCarried.mockRejectedValue(new SessionStoreUnavailableError('postgres', 'test'));
    await own.putUser(user);
    await pass(1_000);
    expect(deleteCarried).toHaveBeenCalledTimes(1);
  });

  it('beyond five thousand that wait', async () => {
    await own.end(
      Array.from({ length: 6_000 }, (_, n) => `digest-${n}`),
      'web',
    );
    await pass(GATHER);
    expect(deleted()).toHaveLength(5_000);
  });
});
