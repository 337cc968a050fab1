import { expect, it } from 'vitest';
import { logInLife, rotatedMaxAge } from '../../src/policy/log-in-life.ts';
import { DEFAULT_POLICY } from '../../src/policy/realm-policy.ts';
import { sessionCopy, userCopy } from '../../src/testing/samples.ts';

const USER = { role: 'USER' } as const;
const HOUR = 3_600;
const DAY = 24 * HOUR;
const idle = { timeoutMs: 60_000, updateAgeMs: 6_000 };
const choice = { shortMs: 12 * HOUR * 1_000, longMs: 14 * DAY * 1_000 };

it('gives a log-in the lifetime of the document, its cookie included', () => {
  expect(logInLife(DEFAULT_POLICY, USER)).toEqual({ ttl: 7 * DAY, maxAge: 7 * DAY });
  expect(logInLife(DEFAULT_POLICY, USER, true)).toEqual(logInLife(DEFAULT_POLICY, USER));
});

it('never gives more than the absolute limit', () => {
  const brief = { ...DEFAULT_POLICY, absoluteMs: HOUR * 1_000 };
  expect(logInLife(brief, USER)).toEqual({ ttl: HOUR, maxAge: HOUR });
});

it('lets a session that must be used live up to its absolute limit, and its cookie with it', () => {
  expect(logInLife({ ...DEFAULT_POLICY, idle }, USER)).toEqual({ ttl: 30 * DAY, maxAge: 30 * DAY });
});

it('makes a cookie that goes with the browser where nobody is remembered', () => {
  const never = { ...DEFAULT_POLICY, remember: 'never' as const };
  expect(logInLife(never, USER, true)).toEqual({ ttl: 7 * DAY, maxAge: null });
});

it('gives the short life without Max-Age, and the long one with it, as the visitor chose', () => {
  const chosen = { ...DEFAULT_POLICY, remember: choice };
  expect(logInLife(chosen, USER)).toEqual({ ttl: 12 * HOUR, maxAge: null });
  expect(logInLife(chosen, USER, true)).toEqual({ ttl: 14 * DAY, maxAge: 14 * DAY });
  expect(logInLife({ ...chosen, idle }, USER, true)).toEqual(logInLife(chosen, USER, true));
});

it('goes by the rules of the role, where it has some', () => {
  const ADMIN = { ...DEFAULT_POLICY, absoluteMs: HOUR * 1_000, remember: 'never' as const };
  const policy = { ...DEFAULT_POLICY, roles: { ADMIN } };
  expect(logInLife(policy, { role: 'ADMIN' }, true)).toEqual({ ttl: HOUR, maxAge: null });
  expect(logInLife(policy, USER)).toEqual({ ttl: 7 * DAY, maxAge: 7 * DAY });
});

it('gives a rotated session what is left of its cookie, up to the most that it lives', () => {
  const session = sessionCopy(0, { expiresAt: 1_500, absoluteExpiresAt: 7_001 });
  const live = { session, user: userCopy(0) };
  expect(rotatedMaxAge(DEFAULT_POLICY, live)).toBe(2);
  expect(rotatedMaxAge({ ...DEFAULT_POLICY, idle }, live)).toBe(8);
});

it('makes no cookie stay that may have been one that goes with the browser', () => {
  const live = { session: sessionCopy(0), user: userCopy(0) };
  for (const remember of ['never' as const, choice]) {
    expect(rotatedMaxAge({ ...DEFAULT_POLICY, remember }, live)).toBeNull();
  }
  const USER = { ...DEFAULT_POLICY, remember: 'never' as const };
  expect(rotatedMaxAge({ ...DEFAULT_POLICY, roles: { USER } }, live)).toBeNull();
});
