import { generateSessionId } from '@repo/exchange-core';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/policy/session-id.ts';
import { encodeSession, encodeTombstone } from '../../src/policy/session-record.ts';
import { encodeUser, encodeUserTombstone } from '../../src/policy/user-text.ts';
import { expectRefusal, sessionCopy, userCopy } from '../../src/testing/samples.ts';
import { NAMES, sessionKey, THEIRS } from '../names.ts';
import { redisStage } from './stage.ts';

const open = redisStage();

const id = generateSessionId();
const digest = digestOf(id);
const key = sessionKey(digest);
const now = Date.now();
const copy = sessionCopy(now, { digest });
const text = encodeSession(copy, NAMES.check(digest));
const changed = (fields: object): string => JSON.stringify({ ...JSON.parse(text), ...fields });
const mangled = (packed: RegExp, by: string): string => {
  const value = text.replace(packed, by);
  if (value === text) throw new Error(`${packed} is not in ${text}`);
  return value;
};

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
  ['a copy of another digest', encodeSession(copy, NAMES.check(digestOf('another')))],
  ['a copy of another deployment', encodeSession({ ...copy, version: 99 }, THEIRS.check(digest))],
  ['a tombstone of another deployment', encodeTombstone(THEIRS.check(digest))],
  ['a tombstone of another digest', encodeTombstone(NAMES.check(digestOf('another')))],
  ['a tombstone of nobody', '{"tombstone":true}'],
  ['a copy with nothing packed', changed({ s: '' })],
  ['a copy with something else packed', changed({ s: 7 })],
  ['a copy with half of it packed', changed({ s: JSON.parse(text).s.slice(0, 40) })],
  ['an expiry of letters', changed({ expires_at: 'abc' })],
  ['an expiry as ISO text', changed({ expires_at: '2026-01-01T00:00:00.000Z' })],
  [
    'an expiry beyond numbers',
    changed({ expires_at: 0 }).replace('"expires_at":0', '"expires_at":1e999'),
  ],
  ['no expiry', changed({ expires_at: undefined })],
  ['no user', changed({ user_id: '' })],
  ['no version', mangled(/("s":".{7})\w+/, '$1')],
  ['a version beyond numbers', mangled(/("s":".{7})\w+/, '$1zzzzzzzzzzz')],
  ['an unknown flag', mangled(/\.0(?=[\w-]{22}\.)/, '.8')],
  ['a handle that is none', mangled(/\.0[\w-]{22}\./, '.0x.')],
  ['a version from the future, and no session', '{"version":9e15,"confirmed_at":9e15}'],
  ['a tombstone that is not true', '{"tombstone":"yes"}'],
];

describe.each(BAD_VALUES)('a session key that holds %s', (_name, value) => {
  it.each(['put', 'add', 'replace'] as const)(
    'is a miss, and does not stand in the way of the next copy (%s)',
    async (write) => {
      const { client, sessions } = await open();
      await client.set(key, value);
      expect(await sessions.read(digest, 'web')).toEqual({ state: 'miss' });

      await sessions[write](copy);
      expect(await sessions.read(digest, 'web')).toStrictEqual({ state: 'hit', session: copy });
    },
  );

  it('can be ended', async () => {
    const { client, sessions } = await open();
    await client.set(key, value);
    await sessions.end([digest], 'web');

    expect(await sessions.read(digest, 'web')).toEqual({ state: 'tombstone' });
  });
});

describe('a session key of another type', () => {
  it('is a miss', async () => {
    const { client, sessions } = await open();
    await client.lPush(key, 'x');
    expect(await sessions.get(id)).toBeNull();
    expect(await sessions.read(digest, 'web')).toEqual({ state: 'miss' });
  });

  it('gives way to a copy, a replacement, a set, a tombstone and a delete', async () => {
    const { client, sessions } = await open();
    const data = { user_id: 'u', created_at: now, expires_at: now + 60_000, ip: '' };
    const writes: [() => Promise<void>, string][] = [
      [() => sessions.put(copy), 'hit'],
      [() => sessions.add(copy), 'hit'],
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

describe("the document's methods, where a session key holds", () => {
  const data = { user_id: 'u', created_at: now, expires_at: now + 60_000, ip: '' };

  it.each(BAD_VALUES.filter(([name]) => !/deployment|digest/.test(name)))(
    '%s: they see no session, extend nothing, and set one unless it could be a copy',
    async (_name, value) => {
      const { client, sessions } = await open();
      await client.set(key, value);
      expect(await sessions.get(id)).toBeNull();
      await expect(sessions.extend(id, 60)).resolves.toBeUndefined();
      expect(await sessions.get(id)).toBeNull();
      const set = await sessions.set(id, data, 60).catch((error: unknown) => error);
      if (set === undefined) expect(await sessions.get(id)).toEqual(data);
      else expect(set).toMatchObject({ code: 'SESSION_MANAGED' });
    },
  );

  it('a copy or a tombstone, whosever it is: they touch neither', async () => {
    const { client, sessions } = await open();
    await client.set(key, encodeSession(copy, THEIRS.check(digest)));
    expect(await sessions.get(id)).toMatchObject({ user_id: copy.userId });
    await expectRefusal(sessions.set(id, data, 60), 'SESSION_MANAGED');
    await expectRefusal(sessions.extend(id, 60), 'SESSION_MANAGED');

    await client.set(key, encodeTombstone(THEIRS.check(digest)));
    expect(await sessions.get(id)).toBeNull();
    await expectRefusal(sessions.set(id, data, 60), 'SESSION_REVOKED');
  });
});

describe('a user key', () => {
  const user = userCopy(now);
  const name = NAMES.user(user.user.id);
  const good = encodeUser(user, now);

  const values: [string, string][] = [
    ['half a JSON text', '{bad'],
    ['a word', 'null'],
    ['a number', '7'],
    ['nothing', ''],
    ['an older form', '{"id":"x","version":9000000000000,"confirmed_at":1}'],
    ['another user', encodeUser({ ...user, user: { ...user.user, id: 'somebody-else' } }, now)],
    ['an unknown role', good.replace(/\.([0-3])(?=user-)/, '.4')],
    ['a date beyond dates', good.replace(/^(\w+\.\w+)\.\w+/, '$1.2f000000000')],
    ['no address, and no flags', good.replace(/\.[0-3]user-.*$/, '')],
    ['no version', good.replace(/^\w+/, '')],
    ['a version beyond numbers', good.replace(/^\w+/, 'zzzzzzzzzzz')],
    ['a mark and more', `${encodeUserTombstone(9, now)}!`],
  ];
  it.each(values)('with %s is a miss and gives way to the next copy', async (_name, value) => {
    const { client, users } = await open();
    await client.set(name, value);
    expect(await users.read(user.user.id)).toBeNull();

    await users.fill({ ...user, version: 2 }, now);
    expect(await users.read(user.user.id)).toMatchObject({ user: user.user, version: 2 });
  });

  it.each(values)(
    'with %s gives way to a change, which keeps out what is older',
    async (_name, value) => {
      const { client, users } = await open();
      await client.set(name, value);
      await users.put({ ...user, version: 2 });
      await users.fill(user, now);
      expect((await users.read(user.user.id))?.version).not.toBe(1);
    },
  );

  it('of another type is a miss and gives way to the next copy', async () => {
    const { client, users } = await open();
    await client.lPush(name, 'x');
    expect(await users.read(user.user.id)).toBeNull();
    await users.fill(user, now);

    expect(await users.read(user.user.id)).toMatchObject(user);
  });
});
