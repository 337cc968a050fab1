import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgreSQLUserAdapter } from '../../src/adapters/postgres-user-adapter.ts';
import {
  ADA,
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  type TestDatabase,
} from './database.ts';

describe.each(['a Prisma client alone', 'a pool beside it'])(
  'the sessions of PostgreSQLUserAdapter on %s',
  (way) => {
    let database: TestDatabase;
    let users: PostgreSQLUserAdapter;
    const liveHandles = async (id: string) =>
      (await database.sessions.list(id, 'web')).map(({ handle }) => handle).sort();

    beforeAll(async () => {
      database = await migratedDatabase();
      users =
        way === 'a pool beside it' ? database.users : new PostgreSQLUserAdapter(database.prisma);
    });

    beforeEach(() => database.empty());

    afterAll(() => database.close());

    it('signs in by a written sessionId until it is cleared, and says what that ended', async () => {
      const { id } = await users.create(ADA);
      await users.update(id, { sessionId: 'plain-1', lastLoginAt: new Date() });
      expect((await users.findBySessionId('plain-1'))?.id).toBe(id);

      expect(await users.change(id, { isVerified: true })).toMatchObject({
        endedDigests: [],
        kept: [],
      });
      const change = await users.change(id, { sessionId: undefined });

      expect(change?.endedDigests).toEqual([digestNamed('plain-1')]);
      expect(await users.findBySessionId('plain-1')).toBeNull();
    });

    it('lets one of many parallel log-outs say that it ended the session', async () => {
      const { id } = await users.create({ ...ADA, sessionId: 'plain-1' });

      const changes = await Promise.all(
        Array.from({ length: 8 }, () => users.change(id, { sessionId: undefined })),
      );

      expect(changes.flatMap((change) => change?.endedDigests)).toEqual([digestNamed('plain-1')]);
    });

    it('does not read a session of another realm', async () => {
      const { id } = await users.create(ADA);
      await database.sessions.create(newSession(id, 'plain-1', { realm: 'admin' }));

      expect(await users.findBySessionId('plain-1')).toBeNull();
    });

    it('ends all sessions but the kept one with the password, and says how it goes on', async () => {
      const { id } = await users.create(ADA);
      const before = await database.sessions.create(newSession(id, 'd1'));
      await database.sessions.create(newSession(id, 'd2'));

      const change = await users.change(
        id,
        { hashedPassword: 'hash-2' },
        { keepHandle: handleNamed('d2') },
      );

      expect(await liveHandles(id)).toEqual([handleNamed('d2')]);
      expect(change).toMatchObject({ endedAll: 1, copy: { user: { id } } });
      const { version = Number.NaN } = change?.copy ?? {};
      expect(version).toBeGreaterThan(before.user.version);
      expect(change?.kept).toMatchObject([
        {
          session: { digest: digestNamed('d2'), version: 1, userVersion: version },
          user: { version },
        },
      ]);
      const next = await users.change(id, { hashedPassword: 'hash-3' });
      expect(next?.kept).toEqual([]);
      expect(await liveHandles(id)).toEqual([]);
    });

    it("keeps nobody else's session", async () => {
      const { id } = await users.create(ADA);
      const other = await users.create({ ...ADA, email: 'eve@example.com' });
      await database.sessions.create(newSession(other.id, 'd1'));

      const change = await users.change(
        id,
        { hashedPassword: 'hash-2' },
        { keepHandle: handleNamed('d1') },
      );

      expect(change?.kept).toEqual([]);
      expect(await liveHandles(other.id)).toEqual([handleNamed('d1')]);
    });

    it('replaces a hash by compare and set, which ends nothing', async () => {
      const { id } = await users.create(ADA);
      await database.sessions.create(newSession(id, 'd1'));

      expect(await users.rehashPassword(id, 'hash-0', 'hash-2')).toBe(false);
      expect(await users.rehashPassword(id, 'hash-1', 'hash-2')).toBe(true);

      expect((await users.findById(id))?.hashedPassword).toBe('hash-2');
      expect(await liveHandles(id)).toEqual([handleNamed('d1')]);
      await users.update(id, { hashedPassword: 'hash-3' });
      expect(await liveHandles(id)).toEqual([]);
    });
  },
);

describe('the generated Prisma client', () => {
  it('writes and reads the users by the same rules', async () => {
    const database = await migratedDatabase();
    const made = await database.prisma.user.create({
      data: { email: 'Ada@Example.com', sessionId: 'plain-1' },
    });
    const changed = await database.prisma.user.update({
      where: { id: made.id },
      data: { role: 'ADMIN' },
    });
    const found = await database.prisma.user.findUnique({ where: { email: 'ada@example.com' } });

    expect(made).toMatchObject({
      email: 'ada@example.com',
      sessionId: `sha256:${digestNamed('plain-1')}`,
    });
    expect(found).toEqual(changed);
    const answer = (await database.sessions.read([digestNamed('plain-1')])).get(
      digestNamed('plain-1'),
    );
    expect(answer).toMatchObject({
      state: 'live',
      live: { session: { rotationDue: true }, user: { user: { id: made.id, role: 'ADMIN' } } },
    });
    await database.close();
  });
});

describe('PostgreSQLUserAdapter on a database that is not there', () => {
  it('throws that the store is unavailable, for every verb', async () => {
    const database = await migratedDatabase();
    await database.close();
    const { users } = database;
    const calls = [
      users.findById('u1'),
      users.findByEmail('a@b.c'),
      users.findBySessionId('plain-1'),
      users.create(ADA),
      users.update('u1', { role: 'ADMIN' }),
      users.rehashPassword('u1', 'a', 'b'),
      users.snapshot('u1'),
      users.page(null, 1),
      users.count(),
    ];

    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'STORE_UNAVAILABLE', store: 'postgres' },
      });
    }
  });
});
