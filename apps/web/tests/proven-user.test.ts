import { verify } from '@node-rs/argon2';
import { createUserManager } from '@repo/exchange-core';
import {
  MockUserManagerWrapper,
  ProofOutdatedError,
  SessionStoreUnavailableError,
  type User,
} from '@repo/session-management';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hashPassword } from '../src/server/passwords.ts';
import { provenUser, withProof } from '../src/server/proven-user.ts';

// The real one, watched.
vi.mock('@node-rs/argon2', async (original) => {
  const real = await original<typeof import('@node-rs/argon2')>();
  return { ...real, verify: vi.fn(real.verify) };
});

const users = new MockUserManagerWrapper(createUserManager());
const attempt = { account: 'nobody@example.com', ip: '203.0.113.7' };
const nobody = (): Promise<User | undefined> => Promise.resolve(undefined);
const prove = (find = nobody) => provenUser(users, attempt, 'a wrong password', find);

afterEach(() => vi.mocked(verify).mockClear());

describe('a password is hashed', () => {
  it('for an account that does not exist, too', async () => {
    expect(await prove()).toBeNull();
    expect(verify).toHaveBeenCalledTimes(1);
  });

  it('for nobody while PostgreSQL cannot say whose it is', async () => {
    const down = () => Promise.reject(new SessionStoreUnavailableError('postgres', 'find'));
    await expect(prove(down)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(verify).not.toHaveBeenCalled();
  });

  it('for nobody who has tried too often', async () => {
    const refused = { code: 'LOGIN_THROTTLED' };
    await expect(
      (async () => {
        for (let tries = 0; tries < 20; tries += 1) await prove();
      })(),
    ).rejects.toMatchObject(refused);
    vi.mocked(verify).mockClear();
    await expect(prove()).rejects.toMatchObject(refused);
    expect(verify).not.toHaveBeenCalled();
  });
});

describe('what a password allows, where it was changed after it was verified', () => {
  const PASSWORD = 'four unrelated words here';
  const metadata = { ip: '203.0.113.7' };
  const userWith = async (hashedPassword: string) => {
    const email = `${crypto.randomUUID()}@example.com`;
    const { id } = await users.create({ email, hashedPassword, role: 'USER', isVerified: false });
    return { id, hashedPassword };
  };
  const open = (id: string) => (provedBy: string | null) =>
    users.createSession(id, metadata, 60, { provedBy });

  it('opens nothing where it is another password', async () => {
    const user = await userWith(await hashPassword(PASSWORD));
    await users.update(user.id, { hashedPassword: await hashPassword('quite another one') });

    expect(await withProof(users, user, PASSWORD, open(user.id))).toBeNull();
    expect(await users.listSessions(user.id)).toEqual([]);
  });

  it('goes on where it is the same password, hashed anew', async () => {
    const user = await userWith(await hashPassword(PASSWORD));
    await users.rehashPassword(user.id, user.hashedPassword, await hashPassword(PASSWORD));

    const sessionId = await withProof(users, user, PASSWORD, open(user.id));
    expect(await users.validateSession(sessionId ?? '')).toMatchObject({ status: 'active' });
  });

  it('opens nothing where the user is gone or has no password any more', async () => {
    const user = await userWith(await hashPassword(PASSWORD));
    await users.update(user.id, { hashedPassword: null });

    expect(await withProof(users, user, PASSWORD, open(user.id))).toBeNull();
    expect(await withProof(users, { id: 'nobody' }, PASSWORD, refuse)).toBeNull();
  });

  it('tries a bounded number of times, and passes on what it does not know', async () => {
    const user = await userWith(await hashPassword(PASSWORD));
    const signIn = vi.fn(refuse);
    expect(await withProof(users, user, PASSWORD, signIn)).toBeNull();
    expect(signIn).toHaveBeenCalledTimes(3);

    const down = () => Promise.reject(new SessionStoreUnavailableError('postgres', 'create'));
    await expect(withProof(users, user, PASSWORD, down)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});

const refuse = () => Promise.reject(new ProofOutdatedError());
