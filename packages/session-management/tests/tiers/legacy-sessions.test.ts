import { beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/policy/limits.ts';
import { DEFAULT_POLICIES } from '../../src/policy/realm-policy.ts';
import { manualClock } from '../../src/testing/manual-clock.ts';
import { sessionCopy, userCopy } from '../../src/testing/samples.ts';
import { LegacySessions } from '../../src/tiers/legacy-sessions.ts';
import { SessionStoreUnavailableError } from '../../src/types/index.ts';

const ID = 'plain-id';
const DIGEST = 'digest';
const PLAIN = { text: '{}', data: { user_id: 'u1', created_at: 0, expires_at: 1, ip: '' } };
const DOWN = new SessionStoreUnavailableError('redis', 'test');

describe('a session of the old design, between two stores', () => {
  const clock = manualClock();
  let keys: Set<string>;
  let records: Set<string>;
  let asked: string[];
  /** Happens elsewhere just before Redis answers. */
  let meanwhile: () => void;
  let legacy: LegacySessions;
  const elsewhere = (): void => {
    records.add(DIGEST);
    keys.delete(ID);
  };
  const find = async (digest = DIGEST, sessionId = ID) =>
    (await legacy.find(digest, 'web', false, sessionId)).state;

  beforeEach(() => {
    keys = new Set([ID]);
    records = new Set();
    asked = [];
    meanwhile = () => undefined;
    legacy = new LegacySessions({
      finder: {
        find: async (digest) => {
          asked.push('record');
          return records.has(digest)
            ? {
                tier: 'record',
                state: 'active',
                live: { session: sessionCopy(0), user: userCopy(0) },
              }
            : { tier: 'record', state: 'unknown' };
        },
      },
      move: {
        until: Number.POSITIVE_INFINITY,
        plain: {
          read: async (sessionId) => {
            asked.push('plain');
            meanwhile();
            return keys.has(sessionId) ? PLAIN : null;
          },
          remove: async (sessionId) => {
            asked.push('remove');
            keys.delete(sessionId);
          },
        },
        records: {
          inherit: async ({ digest }) => {
            asked.push('inherit');
            records.add(digest);
            return true;
          },
        },
      },
      policies: DEFAULT_POLICIES,
      clock: { now: () => clock.now(), at: (instant) => instant, observe: () => undefined },
      monotonic: clock,
      timing: LIMITS,
      newHandle: () => 'handle',
      opened: () => undefined,
    });
  });

  it('is a record before its key goes, and is looked for only once', async () => {
    expect([await find(), await find()]).toEqual(['active', 'active']);
    expect(asked).toEqual(['plain', 'inherit', 'remove', 'record', 'record']);
  });

  it('is found where another process takes it over while this one looks', async () => {
    meanwhile = elsewhere;
    expect(await find()).toBe('active');
  });

  it('is looked for again in a moment where nothing is known, and not before', async () => {
    expect([await find('other', 'other'), await find('other', 'other')]).toEqual([
      'unknown',
      'unknown',
    ]);
    expect(asked).toEqual(['plain', 'record', 'record']);
    clock.advance(LIMITS.UNKNOWN + 1);
    await find('other', 'other');
    expect(asked.filter((store) => store === 'plain')).toHaveLength(2);
  });

  it('goes on by its record while its key cannot be read, and is not called unknown without one', async () => {
    meanwhile = () => {
      throw DOWN;
    };
    await expect(find()).rejects.toBe(DOWN);
    records.add(DIGEST);
    expect(await find()).toBe('active');
    meanwhile = () => undefined;
    await find();
    expect(keys.size).toBe(0);
  });
});
