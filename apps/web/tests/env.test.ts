import { describe, expect, it } from 'vitest';
import { parseEnvironment } from '../src/env.ts';

describe('the environment of the application', () => {
  it('is complete without any variable', () => {
    expect(parseEnvironment({})).toEqual({
      production: false,
      publicUrl: undefined,
      trustedProxies: [],
      metricsToken: undefined,
      cronSecret: undefined,
      cookie: { name: 'sessionId', secure: false },
    });
  });

  it('is Secure in production, except for a public address on this machine', () => {
    const NODE_ENV = 'production';
    expect(parseEnvironment({ NODE_ENV }).cookie.secure).toBe(true);
    const local = { NODE_ENV, PUBLIC_URL: 'http://localhost:3000' };
    expect(parseEnvironment(local).cookie.secure).toBe(false);
    expect(parseEnvironment({ PUBLIC_URL: 'https://app.example' }).cookie.secure).toBe(true);
  });

  it('takes empty variables for missing ones', () => {
    expect(parseEnvironment({ PUBLIC_URL: '', TRUSTED_PROXIES: '' })).toEqual(parseEnvironment({}));
  });

  it('reads a list of proxies', () => {
    const { trustedProxies } = parseEnvironment({ TRUSTED_PROXIES: '10.0.0.0/8, ::1' });
    expect(trustedProxies).toHaveLength(2);
  });

  it.each([
    ['METRICS_TOKEN', 'metricsToken'],
    ['CRON_SECRET', 'cronSecret'],
  ] as const)('takes a token as %s, and shows none that it refuses', (variable, member) => {
    const token = 'a-token.of~16+chars/and=';
    expect(parseEnvironment({ [variable]: token })[member]).toBe(token);
    for (const wrong of ['short-secret', 'with a space in the secret', 'секрет-секрет-секрет']) {
      const attempt = () => parseEnvironment({ [variable]: wrong });
      expect(attempt).toThrow(
        new RegExp(`^${variable} has \\d+ characters .* it takes at least 16`),
      );
      expect(attempt).not.toThrow(wrong);
    }
  });

  it.each([
    ['PUBLIC_URL', { PUBLIC_URL: 'app.example' }, 'it takes an address such as'],
    ['PUBLIC_URL', { PUBLIC_URL: 'ftp://app.example' }, 'it takes an address such as'],
    ['PUBLIC_URL', { NODE_ENV: 'production', PUBLIC_URL: 'http://10.0.0.1' }, 'https://'],
    ['TRUSTED_PROXIES', { TRUSTED_PROXIES: '10.0.0.1, proxy' }, 'it takes IP addresses'],
  ])('refuses a wrong %s: names it, what it got and what it takes', (name, variables, takes) => {
    const got = JSON.stringify(Reflect.get(variables, name));
    expect(() => parseEnvironment(variables)).toThrow(`${name} is ${got}`);
    expect(() => parseEnvironment(variables)).toThrow(takes);
  });
});
