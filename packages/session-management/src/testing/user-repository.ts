import { generateSessionId } from '@repo/exchange-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CreateUserData, User, UserRepository } from '../types/index.ts';
import { expectNoSecrets, expectRefusal, HASH, newUser, OTHER_HASH } from './samples.ts';
import { inbox } from './user-repository-inbox.ts';

/** Users to keep promises with. */
export interface UserRepositoryHarness<Users extends UserRepository = UserRepository> {
  users: Users;
  close(): Promise<void>;
}

/** The promises that every {@link UserRepository} makes. Run it against each implementation. */
export function describeUserRepository(
  name: string,
  open: () => Promise<UserRepositoryHarness>,
): void {
  describe(`${name} keeps the UserRepository promises`, () => {
    let harness: UserRepositoryHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    describe('creating', () => creating(() => harness.users));
    describe('finding', () => finding(() => harness.users));
    describe('updating', () => updating(() => harness.users));
    describe('the column sessionId', () => inbox(() => harness.users));
  });
}

type Users = () => UserRepository;

function creating(users: Users): void {
  it('gives a new user an id, a date and no secret', async () => {
    const data = newUser({ role: 'ADMIN', isVerified: true });
    const user = await users().create(data);

    expect(user).toMatchObject({ email: data.email, role: 'ADMIN', isVerified: true });
    expect(user.id).not.toBe('');
    expect(user.createdAt).toBeInstanceOf(Date);
    expectNoSecrets(user, [HASH]);
  });

  it('gives a missing role or isVerified the default of its column', async () => {
    const missing = { role: undefined, isVerified: undefined };
    const user = await users().create(Object.assign<CreateUserData, unknown>(newUser(), missing));

    expect(user).toMatchObject({ role: 'USER', isVerified: false });
  });

  it('keeps one account for one address, whatever the case', async () => {
    const data = newUser();
    await users().create(data);
    const shouted = { ...data, email: ` ${data.email.toUpperCase()} ` };

    await expectRefusal(users().create(shouted), 'EMAIL_TAKEN');
  });

  it('lets one of many sign-ups at once win', async () => {
    const data = newUser();
    const signUps = Array.from({ length: 20 }, () => users().create(data));
    const results = await Promise.allSettled(signUps);

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const losers = signUps.filter((_, at) => results[at]?.status === 'rejected');
    for (const loser of losers) await expectRefusal(loser, 'EMAIL_TAKEN');
  });

  it('refuses what its columns cannot hold', async () => {
    await expect(users().create(newUser({ email: 'a\0@example.org' }))).rejects.toThrow(TypeError);
    await expect(users().create(newUser({ email: ' ' }))).rejects.toThrow(TypeError);
  });
}

function finding(users: Users): void {
  it('finds by address in any case and by id, with the hash for the log-in to compare', async () => {
    const data = newUser();
    const { id } = await users().create(data);
    const byEmail = await users().findByEmail(data.email.toUpperCase());

    expect(byEmail).toMatchObject({ id, hashedPassword: HASH });
    expect(await users().findById(id)).toEqual(byEmail);
    expect(byEmail).not.toHaveProperty('sessionId');
  });

  it.each(['', 'nobody@example.org', 'nul\0@example.org'])('finds nobody by %j', async (email) => {
    expect(await users().findByEmail(email)).toBeNull();
  });

  it.each(['', 'no-such-user', 'nul\0'])('finds nobody by the id %j', async (id) => {
    expect(await users().findById(id)).toBeNull();
  });

  it('gives each caller an object of its own', async () => {
    const { id } = await users().create(newUser());
    const found = await users().findById(id);
    if (found) found.role = 'ADMIN';
    found?.createdAt.setFullYear(1970);

    expect((await users().findById(id))?.role).toBe('USER');
    expect((await users().findById(id))?.createdAt.getFullYear()).not.toBe(1970);
  });
}

function updating(users: Users): void {
  it('changes what is given and leaves the rest alone', async () => {
    const data = newUser();
    const { createdAt, id } = await users().create(data);
    const lastLoginAt = new Date('2026-02-03T04:05:06.789Z');
    const given = { email: undefined, isVerified: undefined, hashedPassword: undefined };
    const update = Object.assign<Partial<User>, unknown>({ lastLoginAt, role: 'ADMIN' }, given);

    const { email } = data;
    const wanted = { id, email, createdAt, isVerified: false, role: 'ADMIN', lastLoginAt };
    expect(await users().update(id, update)).toEqual(wanted);
    expect((await users().findById(id))?.hashedPassword).toBe(HASH);
  });

  it('clears a nullable column with null', async () => {
    const { id } = await users().create(newUser({ lastLoginAt: new Date() }));
    await users().update(id, { lastLoginAt: null, hashedPassword: null });

    const found = await users().findById(id);
    expect(found?.lastLoginAt ?? null).toBeNull();
    expect(found?.hashedPassword ?? null).toBeNull();
  });

  it.each(['id', 'email', 'role', 'isVerified', 'createdAt'])(
    'takes no null for %s',
    async (column) => {
      const { id } = await users().create(newUser());

      await expect(users().update(id, { [column]: null })).rejects.toThrow(TypeError);
    },
  );

  it('keeps the address of another user out', async () => {
    const taken = await users().create(newUser());
    const { email, id } = await users().create(newUser());

    await expectRefusal(users().update(id, { email: taken.email.toUpperCase() }), 'EMAIL_TAKEN');
    expect((await users().findById(id))?.email).toBe(email);
  });

  it('creates nobody', async () => {
    expect(await users().update('no-such-user', { role: 'ADMIN' })).toBeNull();
    expect(await users().findById('no-such-user')).toBeNull();
  });

  it('gives back no secret', async () => {
    const { id } = await users().create(newUser());
    const sessionId = generateSessionId();
    const updated = await users().update(id, { hashedPassword: OTHER_HASH, sessionId });

    expectNoSecrets(updated, [HASH, OTHER_HASH, sessionId]);
    expect((await users().findById(id))?.hashedPassword).toBe(OTHER_HASH);
  });
}
