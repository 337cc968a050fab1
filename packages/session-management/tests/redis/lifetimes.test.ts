import { generateSessionId } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import { RedisSessionAdapter } from '../../src/adapters/redis-session-adapter.ts';
import { LIMITS } from '../../src/policy/limits.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import { encodeUser } from '../../src/policy/user-text.ts';
import { sessionCopy, userCopy } from '../../src/testing/samples.ts';
import { NAMES, OURS, sessionKey } from '../names.ts';
import { redisStage } from './stage.ts';

const open = redisStage();

/** How long a test may take between a write and the reading of its time to live. */
const SLACK = 5_000;

function expectAbout(left: number, wanted: number): void {
  expect(left).toBeGreaterThan(wanted - SLACK);
  expect(left).toBeLessThanOrEqual(wanted);
}

const dataAt = (now: number) => ({
  user_id: 'user-1',
  created_at: now,
  expires_at: now + 60_000,
  ip: '203.0.113.7',
});

it('keeps a week for a week, under a key that does not hold the sessionId', async () => {
  const { client, now, sessions } = await open();
  const id = generateSessionId();
  await sessions.set(id, dataAt(now()), 604_800);

  expect(await client.keys('*')).toEqual([`session:${digestOf(id)}`]);
  expectAbout(await client.pTTL(sessionKey(digestOf(id))), 604_800_000);
  expect(JSON.parse((await client.get(sessionKey(digestOf(id)))) ?? '')).toHaveProperty('user_id');
});

it('moves the time to live and the recorded expiry to the same instant', async () => {
  const { client, sessions, now } = await open();
  const id = generateSessionId();
  await sessions.set(id, dataAt(now()), 60);
  await sessions.extend(id, 3_600);

  const left = await client.pTTL(sessionKey(digestOf(id)));
  const data = await sessions.get(id);
  expect(Math.abs(now() + left - (data?.expires_at ?? 0))).toBeLessThan(1_000);
});

it('keeps a copy for what the record said was left, whatever the clocks of others say', async () => {
  const { client, sessions } = await open();
  const longAgo = Date.UTC(2001, 0, 1);
  const copy = sessionCopy(longAgo, { expiresAt: longAgo + 90_000 });
  await sessions.put(copy);

  expectAbout(await client.pTTL(sessionKey(copy.digest)), 90_000);
});

it('keeps a tombstone for W, and never shortens one', async () => {
  const { client, now, sessions } = await open();
  const [short, long] = [generateSessionId(), generateSessionId()];
  await sessions.set(short, dataAt(now()), 1);
  await sessions.set(long, dataAt(now()), 86_400);
  await sessions.delete(short);
  await sessions.delete(long);
  expectAbout(await client.pTTL(sessionKey(digestOf(short))), LIMITS.W);
  expectAbout(await client.pTTL(sessionKey(digestOf(long))), 86_400_000);

  await sessions.end([digestOf(short), digestOf(long)], 'web');
  expectAbout(await client.pTTL(sessionKey(digestOf(short))), LIMITS.W);
  expectAbout(await client.pTTL(sessionKey(digestOf(long))), 86_400_000);
});

it('ends a managed session for W, not for what was left of it', async () => {
  const { client, now, sessions } = await open();
  const copy = sessionCopy(now(), { expiresAt: now() + 86_400_000 });
  await sessions.put(copy);
  await sessions.end([copy.digest], 'web');

  expectAbout(await client.pTTL(sessionKey(copy.digest)), LIMITS.W);
});

it('leaves nothing where a delete found nothing', async () => {
  const { client, sessions } = await open();
  await sessions.delete(generateSessionId());

  expect(await client.keys('*')).toEqual([]);
});

it('keeps a copy of a user for an hour, the mark of a change for 5 s, that of a deletion for W', async () => {
  const { client, now, users } = await open();
  const [confirmed, changed, marked, deleted] = [0, 1, 2, 3].map(() => userCopy(now()));
  if (!confirmed || !changed || !marked || !deleted) throw new Error('four were made');
  await users.fill(confirmed, now());
  await users.fill(changed, now());
  await users.put({ ...changed, version: 2 });
  await users.put(marked);
  await users.end(deleted.user.id, 1);

  const lives = [confirmed, changed, marked, deleted].map(({ user }) =>
    client.pTTL(NAMES.user(user.id)),
  );
  const [whole = 0, anew = 0, mark = 0, tomb = 0] = await Promise.all(lives);
  expectAbout(whole, LIMITS.USER_KEY);
  expectAbout(anew, LIMITS.USER_KEY);
  expectAbout(mark, LIMITS.MARKER);
  expectAbout(tomb, LIMITS.W);
});

it('writes a copy of a user anew past half of its life, and not before', async () => {
  const { client, now, users } = await open();
  const copy = userCopy(now());
  const [key, half] = [NAMES.user(copy.user.id), LIMITS.USER_KEY / 2];
  const longAgo = encodeUser(copy, now() - half);
  for (const [left, isWritten] of [
    [half + 10_000, false],
    [half - 1_000, true],
  ] as const) {
    await client.set(key, longAgo, { PX: left });
    await users.fill(copy, now());
    expect((await client.get(key)) !== longAgo).toBe(isWritten);
  }
  expectAbout(await client.pTTL(key), LIMITS.USER_KEY);
});

it('reads in one command, writes in one where nothing is, ends many in one batch', async () => {
  const { client, now, sessions } = await open();
  const copy = sessionCopy(now());
  const sent: string[][] = [];
  const watching = {
    sendCommand: (args: string[]) => {
      sent.push(args);
      return client.sendCommand(args);
    },
  };
  const watched = new RedisSessionAdapter(watching, OURS);
  const commandsOf = async (call: Promise<unknown>): Promise<string[]> => {
    const atOnce = sent.length;
    await call;
    expect(sent.length).toBe(atOnce);
    return sent.splice(0).map(([name]) => name ?? '');
  };

  // The scripts are known to Redis.
  await sessions.replace(copy);
  await sessions.end(['a'], 'web');

  expect(await commandsOf(watched.add(copy))).toEqual(['SET']);
  expect(await commandsOf(watched.put(copy))).toEqual(['EVALSHA']);
  expect(await commandsOf(watched.read(copy.digest, 'web'))).toEqual(['GET']);
  expect(await commandsOf(watched.replace(copy))).toEqual(['EVALSHA']);
  expect(await commandsOf(watched.end(['a', 'b', 'c'], 'web'))).toEqual(Array(3).fill('EVALSHA'));
});
