import { generateSessionId } from '@repo/exchange-core';
import { describe, expect, it } from 'vitest';
import { digestOf, sessionKey, userKey } from '../../src/policy/session-id.ts';
import { encodeSession, encodeUser } from '../../src/policy/session-record.ts';
import { sessionCopy, userCopy } from '../../src/testing/samples.ts';
import { redisStage } from './stage.ts';

const open = redisStage();

const id = generateSessionId();
const digest = digestOf(id);
const key = sessionKey(digest);
const now = Date.now();
const copy = sessionCopy(now, { digest });
const changed = (fields: object): string =>
  JSON.stringify({ ...JSON.parse(encodeSession(copy)), ...fields });

/** Whatever an accident, another program or an older version may have left under our key. */
const BAD_VALUES: [string, string][] = [
  ['half a JSON text', '{bad'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a string', '"x"'],
  ['a number', '7'],
  ['an empty text', ''],
  ['an empty object', '{}'],
  ['an object as text', '[object Object]'],
  ['a user alone', '{"user_id":1}'],
  ['binary', '\u0000\u0001\ufffd'],
  ['a copy of another digest', changed({ digest: digestOf('another') })],
  ['a copy without its digest', changed({ digest: undefined })],
  ['an expiry of letters', changed({ expires_at: 'abc' })],
  ['an expiry as ISO text', changed({ expires_at: '2026-01-01T00:00:00.000Z' })],
  [
    'an expiry beyond numbers',
    changed({ expires_at: 0 }).replace('"expires_at":0', '"expires_at":1e999'),
  ],
  ['no expiry', changed({ expires_at: undefined })],
  ['no absolute limit', changed({ absolute_expires_at: undefined })],
  ['no user', changed({ user_id: '' })],
  ['a version of letters', changed({ version: '9' })],
  ['a version from the future, and no session', '{"version":9e15,"confirmed_at":9e15}'],
  ['a negative version of its user', changed({ user_version: -1 })],
  ['no version of its user', changed({ user_version: undefined, version: 9e9 })],
  ['a tombstone that is not true', '{"tombstone":"yes"}'],
];

describe.each(BAD_VALUES)('a session key that holds %s', (_name, value) => {
  it('is a miss, is taken away, and does not stand in the way of the next copy', async () => {
    const { client, sessions } = await open();
    await client.set(key, value);

    expect(await sessions.read(digest, 'web')).toEqual({ state: 'miss' });
    expect(await client.exists(key)).toBe(0);
    await client.set(key, value);
    expect(await sessions.get(id)).toBeNull();

    await sessions.put(copy);
    expect(await sessions.read(digest, 'web')).toStrictEqual({ state: 'hit', session: copy });
  });

  it('can be ended, and extending it makes nothing', async () => {
    const { client, sessions } = await open();
    await client.set(key, value);
    await expect(sessions.extend(id, 60)).resolves.toBeUndefined();
    await sessions.end([digest], 'web');

    expect(await sessions.read(digest, 'web')).toEqual({ state: 'tombstone' });
  });
});

describe('a session key of another type', () => {
  it('is a miss and is taken away', async () => {
    const { client, sessions } = await open();
    await client.lPush(key, 'x');
    expect(await sessions.get(id)).toBeNull();
    expect(await client.exists(key)).toBe(0);

    await client.hSet(key, 'x', 'y');
    expect(await sessions.read(digest, 'web')).toEqual({ state: 'miss' });
    expect(await client.exists(key)).toBe(0);
  });

  it('gives way to a copy, a replacement, a set, a tombstone and a delete', async () => {
    const { client, sessions } = await open();
    const data = { user_id: 'u', created_at: now, expires_at: now + 60_000, ip: '' };
    const writes: [() => Promise<void>, string][] = [
      [() => sessions.put(copy), 'hit'],
      [() => sessions.replace(copy), 'hit'],
      [() => sessions.set(id, data, 60), 'miss'],
      [() => sessions.end([digest], 'web'), 'tombstone'],
      [() => sessions.delete(id), 'tombstone'],
    ];
    for (const [write, state] of writes) {
      await client.del(key);
      await client.lPush(key, 'x');
      await write();
      expect((await sessions.read(digest, 'web')).state).toBe(state);
      expect(await client.pTTL(key)).toBeGreaterThan(0);
    }
  });
});

describe('a user key', () => {
  const user = userCopy(now);
  const name = userKey(user.user.id);
  const wrong = (fields: object): string =>
    JSON.stringify({ ...JSON.parse(encodeUser(user)), ...fields });

  it.each([
    ['half a JSON text', '{bad'],
    ['another user', wrong({ id: 'somebody-else' })],
    ['no role', wrong({ role: undefined })],
    ['an unknown role', wrong({ role: 'ROOT' })],
    ['a date as text', wrong({ createdAt: '2026-01-01' })],
    ['a date beyond dates', wrong({ lastLoginAt: 9e15 })],
    ['no address, and a high version', wrong({ email: undefined, version: 9e9 })],
    ['no version', wrong({ version: undefined })],
  ])('with %s is a miss and gives way to the next copy', async (_name, value) => {
    const { client, users } = await open();
    await client.set(name, value);

    expect(await users.read(user.user.id)).toBeNull();
    expect(await client.exists(name)).toBe(0);
    await users.put(user);
    expect(await users.read(user.user.id)).toStrictEqual(user);
  });

  it('of another type is a miss and gives way to the next copy', async () => {
    const { client, users } = await open();
    await client.lPush(name, 'x');
    expect(await users.read(user.user.id)).toBeNull();
    await client.lPush(name, 'x');
    await users.put(user);

    expect(await users.read(user.user.id)).toStrictEqual(user);
  });
});
