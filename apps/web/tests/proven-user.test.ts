import { verify } from '@node-rs/argon2';
import { createUserManager } from '@repo/exchange-core';
import {
  MockUserManagerWrapper,
  SessionStoreUnavailableError,
  type User,
} from '@repo/session-management';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { provenUser } from '../src/server/proven-user.ts';

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
