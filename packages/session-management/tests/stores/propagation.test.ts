import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { digestOf } from '../../src/policy/session-id.ts';
import { decodeEntry } from '../../src/policy/session-record.ts';
import type { UserManager } from '../../src/types/index.ts';
import { namesOn } from '../postgres/database.ts';
import { METADATA, openStores, type Stores, WEEK } from './support.ts';

let stores: Stores;
let here: UserManager;
let there: UserManager;

beforeAll(async () => {
  stores = await openStores();
  [here, there] = await Promise.all([stores.manager(), stores.manager()]);
});

afterAll(() => stores.close());

const WITHIN_A_SECOND = { timeout: 1_000, interval: 10 };

async function signedIn(): Promise<{ userId: string; sessionId: string }> {
  const userId = await stores.user(here);
  const sessionId = await here.createSession(userId, METADATA, WEEK);
  expect((await there.validateSession(sessionId)).status).toBe('active');
  return { userId, sessionId };
}

describe('P12: what is typed into psql', () => {
  it('changes a role in every process within a second', async () => {
    const { sessionId, userId } = await signedIn();
    await stores.sql.query(`UPDATE "User" SET role = 'ADMIN' WHERE id = $1`, [userId]);
    await vi.waitFor(async () => {
      expect((await here.findBySessionId(sessionId))?.role).toBe('ADMIN');
      expect((await there.findBySessionId(sessionId))?.role).toBe('ADMIN');
    }, WITHIN_A_SECOND);
  });

  it('ends a session by its row within a second', async () => {
    const { sessionId } = await signedIn();
    await stores.sql.query(
      `UPDATE sessions."Session" SET "revokedAt" = now() WHERE digest = sessions.digest($1)`,
      [sessionId],
    );
    await vi.waitFor(async () => {
      expect(await there.findBySessionId(sessionId)).toBeUndefined();
      expect(await here.findBySessionId(sessionId)).toBeUndefined();
    }, WITHIN_A_SECOND);
  });

  it('ends all sessions of a deleted user, and of one whose hash changed', async () => {
    const deleted = await signedIn();
    const changed = await signedIn();
    await stores.sql.query('DELETE FROM "User" WHERE id = $1', [deleted.userId]);
    await stores.sql.query(`UPDATE "User" SET "hashedPassword" = 'other' WHERE id = $1`, [
      changed.userId,
    ]);
    await vi.waitFor(async () => {
      for (const manager of [here, there]) {
        expect(await manager.findBySessionId(deleted.sessionId)).toBeUndefined();
        expect(await manager.findBySessionId(changed.sessionId)).toBeUndefined();
      }
    }, WITHIN_A_SECOND);
  });

  it('ends a session whose row was deleted', async () => {
    const { sessionId } = await signedIn();
    await stores.sql.query('DELETE FROM sessions."Session" WHERE digest = sessions.digest($1)', [
      sessionId,
    ]);
    await vi.waitFor(async () => {
      expect(await there.findBySessionId(sessionId)).toBeUndefined();
      expect(await here.findBySessionId(sessionId)).toBeUndefined();
    }, WITHIN_A_SECOND);
  });
});

describe('a rotation that another process made and could not carry on', () => {
  const rotate = (from: string, to: string) =>
    stores.sql.query(
      `SELECT sessions.rotate(sessions.digest($1), sessions.digest($2), interval '10 seconds')`,
      [from, to],
    );
  const entryOf = async (digest: string) => {
    const { check, session } = await namesOn(stores.databaseUrl);
    const text = (await stores.redis.get(session(digest))) ?? '';
    return decodeEntry(text, digest, 'web', check(digest));
  };
  const IN_GRACE = { kind: 'copy', session: { inGrace: true } };

  it('reaches the copies of every digest within a second, and all processes by them', async () => {
    const { sessionId } = await signedIn();
    const digest = digestOf(sessionId);
    // Also where no copy is: what was read before the rotation must find a higher version there.
    await stores.redis.del(`session:${digest}`);
    await rotate(sessionId, 'second');
    await vi.waitFor(async () => {
      expect(await entryOf(digest)).toMatchObject(IN_GRACE);
    }, WITHIN_A_SECOND);
    expect((await there.validateSession(sessionId)).status).toBe('active');

    await rotate('second', 'third');
    await vi.waitFor(async () => {
      expect(await entryOf(digest)).toEqual({ kind: 'tombstone' });
      for (const manager of [here, there]) {
        expect(await manager.validateSession(sessionId)).toMatchObject({ reason: 'revoked' });
      }
    }, WITHIN_A_SECOND);
    expect(await entryOf(digestOf('second'))).toMatchObject(IN_GRACE);
  });
});

describe('what waits', () => {
  it('comes to nothing, and one process carries', async () => {
    await vi.waitFor(async () => {
      const { propagation } = await here.health();
      const carrier = expect.stringMatching(new RegExp(`:${process.pid}:`));
      expect(propagation).toEqual({ waiting: 0, carrier, trusted: true });
    }, 5_000);
  });
});
