import { generateSessionId } from '@repo/exchange-core';
import { type RedisStore, startRedis } from '@repo/local-stores';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { RedisAttemptStore } from '../../src/adapters/redis-attempt-store.ts';
import { RedisEndIntents } from '../../src/adapters/redis-end-intents.ts';
import { RedisSessionAdapter } from '../../src/adapters/redis-session-adapter.ts';
import { RedisUserAdapter } from '../../src/adapters/redis-user-adapter.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import { expectRefusal, sessionCopy, userCopy } from '../../src/testing/samples.ts';
import { isSessionError } from '../../src/types/index.ts';
import { wallClock } from '../../src/utils/clock.ts';
import { NAMES, OURS, sessionKey } from '../names.ts';
import { type Client, redisStage } from './stage.ts';

/** These tests change a whole server, so they have one of their own. */
let server: RedisStore;
afterAll(() => server.close());
const open = redisStage(async () => {
  server = await startRedis();
  return server.url;
});

const dataAt = (now: number) => ({
  user_id: 'user-1',
  created_at: now,
  expires_at: now + 60_000,
  ip: '203.0.113.7',
});

it('teaches Redis its scripts again after SCRIPT FLUSH, for every write', async () => {
  const { client, now, sessions, users } = await open();
  const id = generateSessionId();
  const copy = sessionCopy(now());
  const writes = [
    () => sessions.put(copy),
    () => sessions.replace({ ...copy, version: 2 }),
    () => users.put(userCopy(now())),
    () => users.fill(userCopy(now()), now()),
    () => users.end('a-user', 2),
    () => sessions.set(id, dataAt(now()), 60),
    () => sessions.extend(id, 120),
    () => sessions.delete(id),
    () => sessions.end(['a', 'b', copy.digest], 'web'),
  ];
  for (const write of writes) {
    await client.scriptFlush();
    await write();
  }

  expect(await client.dbSize()).toBe(7);
  expect(await sessions.read(copy.digest, 'web')).toEqual({ state: 'tombstone' });
});

describe('a tombstone whose answer does not come', () => {
  /** The script is not answered; everything else is. */
  const deaf = (client: Client) => ({
    sendCommand: (args: string[]) =>
      args[0]?.startsWith('EVAL')
        ? Promise.reject(new Error('Socket closed unexpectedly'))
        : client.sendCommand(args),
  });

  it('is not replaced by taking the copy away: it counts as not put, of a session or a user', async () => {
    const { client, now, sessions, users } = await open();
    const copy = sessionCopy(now());
    await sessions.put(copy);
    await users.fill(userCopy(now()), now());
    const before = await client.dbSize();

    const unheard = new RedisSessionAdapter(deaf(client), OURS);
    await expectRefusal(unheard.end([copy.digest], 'web'), 'STORE_UNAVAILABLE');
    await expectRefusal(unheard.block(copy.digest, 'web'), 'STORE_UNAVAILABLE');
    const ofUsers = new RedisUserAdapter(deaf(client), OURS, wallClock);
    await expectRefusal(ofUsers.end(userCopy(now()).user.id, 9), 'STORE_UNAVAILABLE');
    expect(await client.dbSize()).toBe(before);
  });
});

describe('in a Redis that is full', () => {
  const fill = (client: Client) =>
    client.configSet({ maxmemory: '1', 'maxmemory-policy': 'noeviction' });
  afterEach(async () => {
    const { client } = await open();
    await client.configSet('maxmemory', '0');
  });

  it('still puts tombstones, and tells of changes', async () => {
    const { client, now, sessions, users } = await open();
    const copy = sessionCopy(now());
    const id = generateSessionId();
    const changed = userCopy(now());
    await sessions.put(copy);
    await sessions.set(id, dataAt(now()), 60);
    await users.fill(changed, now());
    await fill(client);
    await sessions.end([copy.digest, 'never-there'], 'web');
    await sessions.delete(id);
    await users.end('a-user', 2);
    expect(await client.get(NAMES.user('a-user'))).toMatch(/^2\.\w+!!$/);
    await users.put({ ...changed, version: 2 });
    expect(await users.read(changed.user.id)).toMatchObject({ version: 2 });
    await users.put({ ...changed, user: { ...changed.user, id: 'another' } });
    expect(await client.get(NAMES.user('another'))).toMatch(/^1\.\w+!$/);

    for (const digest of [copy.digest, 'never-there', digestOf(id)]) {
      expect(await sessions.read(digest, 'web')).toEqual({ state: 'tombstone' });
    }
  });

  it('says that other writes failed, and reads on', async () => {
    const { client, now, sessions, users } = await open();
    const copy = sessionCopy(now());
    await sessions.put(copy);
    await fill(client);

    await expectRefusal(sessions.put(sessionCopy(now())), 'STORE_UNAVAILABLE');
    await expectRefusal(users.fill(userCopy(now()), now()), 'STORE_UNAVAILABLE');
    await expectRefusal(sessions.set(generateSessionId(), dataAt(now()), 60), 'STORE_UNAVAILABLE');
    expect((await sessions.read(copy.digest, 'web')).state).toBe('hit');
  });
});

it('takes the copy away where Redis refuses the tombstone', async () => {
  const { client, now, sessions } = await open();
  const copy = sessionCopy(now());
  await sessions.put(copy);
  const withoutScripts = new RedisSessionAdapter(
    {
      sendCommand: (args) =>
        args[0]?.startsWith('EVAL')
          ? Promise.reject(new Error('NOPERM this user has no permissions'))
          : client.sendCommand(args),
    },
    OURS,
  );
  await withoutScripts.end([copy.digest], 'web');

  expect(await client.exists(sessionKey(copy.digest))).toBe(0);
});

it('takes the copy of a user away where Redis refuses to hear of a change or a deletion', async () => {
  const { client, now, users } = await open();
  const copy = userCopy(now());
  const refusing = {
    sendCommand: (args: string[]) =>
      args[0]?.startsWith('EVAL')
        ? Promise.reject(new Error('NOPERM this user has no permissions'))
        : client.sendCommand(args),
  };
  const withoutScripts = new RedisUserAdapter(refusing, OURS, wallClock);
  await users.fill(copy, now());
  await withoutScripts.end(copy.user.id, 2);
  expect(await client.exists(NAMES.user(copy.user.id))).toBe(0);

  await users.fill(copy, now());
  await withoutScripts.put({ ...copy, version: 2 });
  expect(await client.exists(NAMES.user(copy.user.id))).toBe(0);
});

it('touches nothing and says so before it is known which deployment this is', async () => {
  const { client, now } = await open();
  const unknown = { current: () => null };
  const sessions = new RedisSessionAdapter(client, unknown);
  const users = new RedisUserAdapter(client, unknown, wallClock);
  const intents = new RedisEndIntents(client, unknown);
  const attempts = new RedisAttemptStore(client, unknown);
  const copy = sessionCopy(now());
  const calls = [
    () => sessions.read(copy.digest, 'web'),
    () => sessions.put(copy),
    () => sessions.add(copy),
    () => sessions.replace(copy),
    () => sessions.end([copy.digest], 'web'),
    () => sessions.block(copy.digest, 'web'),
    () => users.read('u'),
    () => users.put(userCopy(now())),
    () => users.fill(userCopy(now()), now()),
    () => users.end('u', 1),
    () => intents.add(copy),
    () => intents.list(1),
    () => intents.remove(copy),
    () => attempts.take('a', { most: 1, withinMs: 1_000 }),
    () => attempts.knows('a'),
  ];
  for (const call of calls) {
    const error: unknown = await call().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', store: 'redis' });
  }
  expect(await client.dbSize()).toBe(0);
});

it('tells of no change before the time of the record is known: it could not say when it was written', async () => {
  const { client, now } = await open();
  const users = new RedisUserAdapter(client, OURS, { now: () => null });
  await expectRefusal(users.put(userCopy(now())), 'STORE_UNAVAILABLE');
  await expectRefusal(users.end('u', 1), 'STORE_UNAVAILABLE');
  expect(await client.dbSize()).toBe(0);
});

it('reports what could not be ended, after all that could', async () => {
  const { client, now, sessions } = await open();
  const [first, stuck, last] = [sessionCopy(now()), sessionCopy(now()), sessionCopy(now())];
  const failing = new RedisSessionAdapter(
    {
      sendCommand: (args) =>
        args.includes(sessionKey(stuck.digest))
          ? Promise.reject(new Error('READONLY'))
          : client.sendCommand(args),
    },
    OURS,
  );
  const digests = [first.digest, stuck.digest, last.digest];
  await expectRefusal(failing.end(digests, 'web'), 'STORE_UNAVAILABLE');

  expect((await sessions.read(first.digest, 'web')).state).toBe('tombstone');
  expect((await sessions.read(last.digest, 'web')).state).toBe('tombstone');
});

it('turns every fault into one error of ours, which holds no sessionId', async () => {
  const id = generateSessionId();
  const dead = { sendCommand: () => Promise.reject(new Error('Socket closed unexpectedly')) };
  const sessions = new RedisSessionAdapter(dead);
  const users = new RedisUserAdapter(dead, OURS, wallClock);
  const now = Date.now();
  const calls = [
    sessions.get(id),
    sessions.set(id, dataAt(now), 60),
    sessions.extend(id, 60),
    sessions.delete(id),
    sessions.read(digestOf(id), 'web'),
    sessions.put(sessionCopy(now)),
    sessions.replace(sessionCopy(now)),
    sessions.end([digestOf(id)], 'web'),
    sessions.now(),
    users.read('user-1'),
    users.put(userCopy(now)),
    users.fill(userCopy(now), now),
  ];

  for (const call of calls) {
    const error: unknown = await call.catch((reason: unknown) => reason);
    expect(isSessionError(error)).toBe(true);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', store: 'redis' });
    expect(String(error)).not.toContain(id);
  }
});

it('asks nothing of Redis for what cannot be a sessionId', async () => {
  const sessions = new RedisSessionAdapter({
    sendCommand: () => Promise.reject(new Error('asked')),
  });

  expect(await sessions.get('two words')).toBeNull();
  await expect(sessions.delete('')).resolves.toBeUndefined();
  await expect(sessions.extend('a;b', 60)).resolves.toBeUndefined();
});

it('gives up an extension that others keep overtaking', async () => {
  const { client, now, sessions } = await open();
  const id = generateSessionId();
  await sessions.set(id, dataAt(now()), 60);
  let overtakings = 0;
  const overtaken = new RedisSessionAdapter(
    {
      sendCommand: async (args) => {
        if (args[0] === 'EVALSHA') {
          overtakings += 1;
          await sessions.set(id, dataAt(overtakings), 60);
        }
        return client.sendCommand(args);
      },
    },
    OURS,
  );

  await expectRefusal(overtaken.extend(id, 60), 'STORE_UNAVAILABLE');
  expect(overtakings).toBeGreaterThan(1);
  expect(overtakings).toBeLessThan(50);
});
