import { generateSessionId } from '@repo/exchange-core';
import { expect } from 'vitest';
import { DEFAULT_REALM } from '../policy/limits.ts';
import { digestOf } from '../policy/session-id.ts';
import {
  type CreateUserData,
  hasCode,
  type NewSession,
  type SessionCopy,
  type SessionErrorCode,
  type UserCopy,
} from '../types/index.ts';
import { newHandle } from '../utils/random.ts';

/** What no `ttl` may be. */
export const WRONG_TTLS: readonly number[] = [
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
];

/** A hundred years, in seconds: longer than any absolute limit. */
export const CENTURY = 3_155_760_000;

/** What cannot be a sessionId, each with its name. */
export const MALFORMED_IDS: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['a blank', ' '],
  ['two words', 'two words'],
  ['a semicolon', 'a;b'],
  ['a comma', 'a,b'],
  ['quotes', '"a"'],
  ['a backslash', 'a\\b'],
  ['NUL', 'nul\0'],
  ['no ASCII', 'é'],
  ['256 characters', 'x'.repeat(256)],
];

export const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$c29tZWhhc2g';
export const OTHER_HASH = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$b3RoZXJoYXNo';

/** Data of a new user with an address of its own. */
export function newUser(given: Partial<CreateUserData> = {}): CreateUserData {
  const email = `user-${newHandle()}@example.org`;
  return { email, hashedPassword: HASH, role: 'USER', isVerified: false, ...given };
}

/** A session to open, with a digest and handle of its own, living a minute. */
export function newSession(userId: string, given: Partial<NewSession> = {}): NewSession {
  return {
    digest: digestOf(generateSessionId()),
    handle: newHandle(),
    userId,
    realm: DEFAULT_REALM,
    ttlMs: 60_000,
    absoluteMs: 3_600_000,
    ip: '203.0.113.7',
    userAgent: 'Mozilla/5.0',
    limit: null,
    termsOfRole: {},
    provedBy: null,
    ...given,
  };
}

/** A copy of a session that the record confirmed at `now`, living a minute. */
export function sessionCopy(now: number, given: Partial<SessionCopy> = {}): SessionCopy {
  return {
    digest: digestOf(generateSessionId()),
    handle: newHandle(),
    userId: 'user-1',
    realm: DEFAULT_REALM,
    createdAt: now - 1_000,
    authenticatedAt: now - 1_000,
    expiresAt: now + 60_000,
    absoluteExpiresAt: now + 3_600_000,
    ip: '203.0.113.7',
    userAgent: 'Mozilla/5.0',
    actor: null,
    version: 1,
    userVersion: 1,
    lastLoginAt: now - 1_000,
    confirmedAt: now,
    ...given,
  };
}

/** A copy of a user of its own, made a day before `now`. */
export function userCopy(now: number, given: Partial<UserCopy> = {}): UserCopy {
  const id = newHandle();
  const user = {
    id,
    email: `user-${id}@example.org`,
    isVerified: true,
    role: 'USER' as const,
    createdAt: new Date(now - 86_400_000),
  };
  return { user, version: 1, ...given };
}

/** Awaits a refusal that is ours and has this code. */
export async function expectRefusal(call: Promise<unknown>, code: SessionErrorCode): Promise<void> {
  await expect(call).rejects.toSatisfy((error) => hasCode(error, code));
}

/** No value given to a caller may hold these texts, at any depth. */
export function expectNoSecrets(value: unknown, secrets: readonly string[]): void {
  const text = JSON.stringify(value) ?? '';
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  expect(text).not.toMatch(/"(hashedPassword|sessionId|digest)"/);
}
