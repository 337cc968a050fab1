import { afterEach, expect, it, vi } from 'vitest';
import { readSettings } from '../../src/factories/settings.ts';
import { UserManagerFactory } from '../../src/factories/user-manager-factory.ts';
import { DEFAULT_LOG_IN_LIMITS } from '../../src/policy/log-in-limits.ts';
import { guess, times } from '../../src/testing/guesses.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  UserManagerFactory.clearCache();
});

const limitsOf = (variable: string) => {
  vi.stubEnv('SESSION_LOGIN_LIMITS', variable);
  return readSettings({}).logInLimits;
};

it('takes what is given, the rest as by default', () => {
  expect(readSettings({}).logInLimits).toEqual(DEFAULT_LOG_IN_LIMITS);
  expect(limitsOf('{"network":{"most":500,"within":"1h"}}')).toEqual({
    ...DEFAULT_LOG_IN_LIMITS,
    network: { most: 500, withinMs: 3_600_000 },
  });
  const option = { account: { most: 5, within: 60 } };
  expect(readSettings({ logInLimits: option }).logInLimits?.account).toEqual({
    most: 5,
    withinMs: 60_000,
  });
});

it.each([
  '{"account":{"most":0,"within":"1h"}}',
  '{"account":{"most":100001,"within":"1h"}}',
  '{"account":{"most":1.5,"within":"1h"}}',
  '{"account":{"most":5,"within":"25h"}}',
  '{"account":{"most":5,"within":"1500ms"}}',
  '{"account":{"most":5}}',
  '{"acount":{"most":5,"within":"1h"}}',
  'no limits',
  '5',
])('refuses %s: names it, what it got and what it takes', (wrong) => {
  expect(() => limitsOf(wrong)).toThrow(
    `SESSION_LOGIN_LIMITS takes off, or limits such as {"account":{"most":50,"within":"1h"}}`,
  );
});

it('looks at every attempt when it is off', async () => {
  const manager = await UserManagerFactory.create({ logInLimits: 'off' });
  const tries = times(200, { account: 'ann@example.org', ip: '203.0.113.7' });
  expect(await guess(manager, tries)).toEqual({ evaluated: 200, throttled: 0 });
});
