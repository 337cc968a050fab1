import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/policy/session-id.ts';
import { encodeTombstone } from '../../src/policy/session-record.ts';
import type { KeyNames, UserManager } from '../../src/types/index.ts';
import { namesOn } from '../postgres/database.ts';
import {
  atOnce,
  logIn,
  NearStage,
  nearlyKept,
  newUser,
  statusOf,
  staysEnded,
  until,
} from './near-stage.ts';
import { WEEK } from './support.ts';

let stage: NearStage;
let near: UserManager;
let other: UserManager;

beforeAll(async () => {
  stage = await NearStage.open();
}, 60_000);

beforeEach(async () => {
  [near, other] = await Promise.all([stage.near(), stage.other()]);
});

afterEach(() => stage.rest());
afterAll(() => stage?.close());

const hits = async (): Promise<number> => (await near.health()).nearCopies.hits;

/** The connections on which Redis tells of changes, of all processes. */
async function trackers(): Promise<string[]> {
  const lines = String(await stage.admin.sendCommand(['CLIENT', 'LIST'])).split('\n');
  return lines
    .filter((line) => /flags=\w*t/.test(line))
    .map((line) => /id=(\d+)/.exec(line)?.[1] ?? '');
}

describe('a near copy', () => {
  it('answers 1,000 lookups while neither store lets a byte through', async () => {
    const sessionId = await logIn(other);
    await nearlyKept(near, sessionId);
    const before = await hits();
    stage.copiesLink.freeze();
    stage.recordLink.freeze();
    const found = await Promise.all(
      Array.from({ length: 1_000 }, () => near.validateSession(sessionId)),
    );
    await Promise.all([stage.copiesLink.heal(), stage.recordLink.heal()]);
    expect(new Set(found.map(({ status }) => status))).toEqual(new Set(['active']));
    expect(await hits()).toBe(before + 1_000);
  });

  it.each([
    ['extending it', (id: string) => near.extendSession(id, 2 * WEEK)],
    ['changing its user', (_: string, userId: string) => near.update(userId, { role: 'ADMIN' })],
    ['signing it out', (id: string) => near.deleteSession(id)],
    ['ending all', (_: string, userId: string) => near.revokeAllSessions(userId)],
  ])('does not outlive %s in its own process', async (_what, write) => {
    const userId = await newUser(other);
    const sessionId = await logIn(other, userId);
    await nearlyKept(near, sessionId);
    const before = await hits();
    await write(sessionId, userId);
    expect(await atOnce(near, sessionId)).toBeNull();
    expect(await hits()).toBe(before);
  });

  it('stays while other sessions of its user are confirmed, each of 20 in turn', async () => {
    const userId = await newUser(other);
    const ids = await Promise.all(Array.from({ length: 20 }, () => logIn(other, userId)));
    for (const id of ids) await nearlyKept(near, id);
    const { session, user } = await namesOn(stage.databaseUrl);
    const textOf = (key: string) => stage.admin.sendCommand(['GET', key]);
    const ofUser = await textOf(user(userId));

    for (const id of ids) {
      const before = await textOf(session(digestOf(id)));
      await near.validateSession(id, { confirm: true });
      await until(async () => expect(await textOf(session(digestOf(id)))).not.toBe(before));
      // An answered command on this connection: what Redis told before it has been heard.
      await near.findBySessionId(`barrier-${id}`);
      for (const each of ids) if (each !== id) expect(await atOnce(near, each)).not.toBeNull();
      await nearlyKept(near, id);
    }
    expect(await textOf(user(userId))).toBe(ofUser);
  });

  it('is not kept of a read that crossed the end, in each of 400 races without any delay', async () => {
    await nearlyKept(near, await logIn(other));
    const names = await namesOn(stage.databaseUrl);
    const userId = await newUser(other);
    for (let round = 0; round < 8; round += 1) {
      const ids = await Promise.all(Array.from({ length: 50 }, () => logIn(other, userId)));
      await Promise.all(ids.map((id, n) => cross(names, id, n)));
      // An answered command on this connection: what Redis told before it has been heard.
      await near.findBySessionId(`barrier-${round}-${userId}`);
      for (const id of ids) expect(await statusOf(near, id)).toBe('none');
    }
  });

  it('is believed no more when Redis kills the connection that tells, and again on the next one', async () => {
    const [lost, kept] = await Promise.all([logIn(other), logIn(other)]);
    await Promise.all([lost, kept].map((id) => nearlyKept(near, id)));
    const told = await trackers();
    await Promise.all(told.map((id) => stage.admin.sendCommand(['CLIENT', 'KILL', 'ID', id])));
    await other.deleteSession(lost);
    await until(async () => expect(await statusOf(near, lost)).toBe('none'));
    expect(await staysEnded(near, lost)).toBe(true);
    await nearlyKept(near, kept);
    const anew = await trackers();
    expect(anew.filter((id) => told.includes(id))).toEqual([]);
  });

  it('rests a second after the link went silent, and refuses after the thaw what ended meanwhile', async () => {
    const sessionId = await logIn(other);
    await nearlyKept(near, sessionId);
    const before = await hits();
    const frozenAt = performance.now();
    stage.copiesLink.freeze();
    await other.deleteSession(sessionId);

    let answered = 0;
    let last = frozenAt;
    await until(async () => {
      const askedAt = performance.now();
      if ((await atOnce(near, sessionId)) !== null) {
        answered += 1;
        last = askedAt;
        throw new Error('still answered near');
      }
    });
    expect(last - frozenAt).toBeLessThan(1_000);
    // The record is asked instead, and says it.
    expect(await statusOf(near, sessionId)).toBe('none');
    await stage.copiesLink.heal();
    expect(await staysEnded(near, sessionId)).toBe(true);
    expect(await hits()).toBe(before + answered);
    const another = await logIn(other);
    await nearlyKept(near, another);
  });
});

describe('without near copies', () => {
  it('Redis is not asked to tell of changes', async () => {
    await nearlyKept(near, await logIn(other));
    expect(await trackers()).not.toEqual([]);
    await stage.rest();

    const off = await stage.near({ nearSize: { entries: 0, bytes: 0 } });
    for (let n = 0; n < 10; n += 1) expect(await statusOf(off, await logIn(off))).toBe('active');
    expect(await trackers()).toEqual([]);
    expect((await off.health()).nearCopies).toMatchObject({ entries: 0, hits: 0 });
  });
});

/** Lookups and the end of one session at the same time, in either order. */
async function cross(names: KeyNames, sessionId: string, n: number): Promise<void> {
  const digest = digestOf(sessionId);
  const tombstone = encodeTombstone(names.check(digest));
  const end = () =>
    n % 2 === 0
      ? stage.admin.sendCommand(['SET', names.session(digest), tombstone, 'PX', '60000'])
      : other.deleteSession(sessionId);
  const lookups = [near.validateSession(sessionId)];
  const ended = end();
  lookups.push(near.validateSession(sessionId));
  await Promise.all([...lookups, ended]);
}
