import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgreSQLUserAdapter } from '../../src/adapters/postgres-user-adapter.ts';
import { hasCode, type User } from '../../src/types/index.ts';
import { ADA, migratedDatabase, runnerOn, type TestDatabase } from './database.ts';

describe.each(['a Prisma client alone', 'a pool beside it'])(
  'PostgreSQLUserAdapter on %s',
  (way) => {
    let database: TestDatabase;
    let users: PostgreSQLUserAdapter;
    beforeAll(async () => {
      database = await migratedDatabase();
      users =
        way === 'a pool beside it' ? database.users : new PostgreSQLUserAdapter(database.prisma);
    });

    beforeEach(() => database.empty());

    afterAll(() => database.close());

    it('gives a new user the defaults of the columns, and no secret back', async () => {
      const made = await users.create(ADA);

      expect(made).toEqual({
        id: expect.any(String),
        email: 'ada@example.com',
        isVerified: false,
        role: 'USER',
        createdAt: expect.any(Date),
        lastLoginAt: null,
      });
      expect(Math.abs(made.createdAt.getTime() - (await database.sessions.ping()))).toBeLessThan(
        5_000,
      );
    });

    it('carries the hash where a log-in compares it, and nowhere else', async () => {
      const { id } = await users.create({ ...ADA, sessionId: 'plain-1' });
      const found = [await users.findById(id), await users.findByEmail(' ADA@EXAMPLE.COM ')];
      const others = [
        await users.findBySessionId('plain-1'),
        await users.update(id, { isVerified: true }),
        ...(await users.page(null, 10)),
      ];

      for (const user of found) expect(user?.hashedPassword).toBe('hash-1');
      expect(others.map((user) => user?.id)).toEqual([id, id, id]);
      for (const user of others) expect(user).not.toHaveProperty('hashedPassword');
      for (const user of [...found, ...others]) expect(user).not.toHaveProperty('sessionId');
    });

    it('gives one account to twenty parallel sign-ups of one address in mixed case', async () => {
      const tries = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) =>
          users.create({ ...ADA, email: n % 2 ? 'ADA@example.COM' : ADA.email }),
        ),
      );

      const refused = tries.filter((each) => each.status === 'rejected');
      expect(refused).toHaveLength(19);
      for (const { reason } of refused) expect(hasCode(reason, 'EMAIL_TAKEN')).toBe(true);
      expect(await users.count()).toBe(1);
    });

    it('refuses an address that another user has, on update too', async () => {
      await users.create(ADA);
      const { id } = await users.create({ ...ADA, email: 'eve@example.com' });

      await expect(users.update(id, { email: 'ADA@example.com' })).rejects.toMatchObject({
        code: 'EMAIL_TAKEN',
      });
    });

    it('changes what is given, leaves alone what is undefined, and clears what is null', async () => {
      const { id } = await users.create({
        ...ADA,
        lastLoginAt: new Date('2025-01-02T03:04:05.678Z'),
      });
      expect((await users.findById(id))?.lastLoginAt?.toISOString()).toBe(
        '2025-01-02T03:04:05.678Z',
      );

      const changed = await users.update(id, {
        email: undefined,
        role: 'ADMIN',
        isVerified: true,
        createdAt: new Date('2024-02-29T00:00:00.001Z'),
        lastLoginAt: null,
      } as object);

      expect(changed).toEqual({
        id,
        email: 'ada@example.com',
        role: 'ADMIN',
        isVerified: true,
        createdAt: new Date('2024-02-29T00:00:00.001Z'),
        lastLoginAt: null,
      });
      expect((await users.findById(id))?.hashedPassword).toBe('hash-1');
      expect(await users.update(id, {})).toEqual(changed);
    });

    it('answers null for a user who is not there', async () => {
      expect(await users.update('nobody', { isVerified: true })).toBeNull();
      expect(await users.findById('nobody')).toBeNull();
      expect(await users.findByEmail('nobody@example.com')).toBeNull();
    });

    it("takes text that PostgreSQL cannot hold for nobody's when asked, for wrong when told", async () => {
      expect(await users.findById('a\0b')).toBeNull();
      expect(await users.findByEmail('a\0b@c.d')).toBeNull();
      expect(await users.findBySessionId('a\0b')).toBeNull();
      expect(await users.update('a\0b', { isVerified: true })).toBeNull();
      expect(await users.rehashPassword('a\0b', 'x', 'y')).toBe(false);
      await expect(users.create({ ...ADA, email: 'a\0b@c.d' })).rejects.toBeInstanceOf(TypeError);
      await expect(users.update('u1', { hashedPassword: 'a\0b' })).rejects.toBeInstanceOf(
        TypeError,
      );
    });

    it.each([undefined, null, '', {}, [], 'a b', 'x'.repeat(256)])(
      'signs nobody in by %j',
      async (sessionId) => {
        await users.create(ADA);

        expect(await users.findBySessionId(sessionId as string)).toBeNull();
      },
    );

    it('loses no column of parallel changes', async () => {
      const { id } = await users.create(ADA);
      await Promise.all([
        users.update(id, { role: 'ADMIN' }),
        users.update(id, { isVerified: true }),
        users.update(id, { email: 'eve@example.com' }),
        users.update(id, { hashedPassword: 'hash-2' }),
      ]);

      expect(await users.findById(id)).toMatchObject({
        role: 'ADMIN',
        isVerified: true,
        email: 'eve@example.com',
        hashedPassword: 'hash-2',
      });
    });

    it('gives pages by id, each user once', async () => {
      for (let n = 0; n < 5; n += 1) await users.create({ ...ADA, email: `${n}@example.com` });

      const seen: User[] = [];
      for (let page = await users.page(null, 2); page.length > 0; ) {
        seen.push(...page);
        page = await users.page(page.at(-1)?.id ?? null, 2);
      }

      expect(new Set(seen.map(({ id }) => id)).size).toBe(5);
      expect(seen).toHaveLength(await users.count());
    });

    it('keeps instants whatever the time zone of the connection', async () => {
      const { id } = await users.create(ADA);
      const changed = await database.inTransaction(async (client) => {
        const zoned = new PostgreSQLUserAdapter(database.prisma, runnerOn(client));
        await client.query(`SET LOCAL TIME ZONE 'Asia/Kolkata'`);
        const user = await zoned.update(id, { lastLoginAt: new Date('2025-03-30T01:30:00Z') });
        await client.query('COMMIT');
        return user;
      });

      expect(changed?.lastLoginAt?.toISOString()).toBe('2025-03-30T01:30:00.000Z');
      expect((await users.findById(id))?.lastLoginAt?.toISOString()).toBe(
        '2025-03-30T01:30:00.000Z',
      );
    });
  },
);
