import { hash } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { hashPassword, isOutdated, verifyPassword } from '../src/server/passwords.ts';

describe('passwords', () => {
  it('verify against their own hash only, to the last character', async () => {
    const password = 'a'.repeat(200);
    const stored = await hashPassword(password);

    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verifyPassword(stored, password)).toBe(true);
    expect(await verifyPassword(stored, `${password.slice(0, -1)}b`)).toBe(false);
  });

  it.each([undefined, null, '', 'plain', '$2b$10$abc', '$argon2id$junk'])(
    'fail against the stored value %j',
    async (stored) => {
      expect(await verifyPassword(stored, 'anything')).toBe(false);
    },
  );

  it('ask for a new hash when the cost has changed', async () => {
    const cheap = await hash('password', { memoryCost: 8_192, timeCost: 1, parallelism: 1 });

    expect(isOutdated(cheap)).toBe(true);
    expect(await verifyPassword(cheap, 'password')).toBe(true);
    expect(isOutdated(await hashPassword('password'))).toBe(false);
  });

  it('are refused, not queued for ever, when too many come at once', async () => {
    const asked = Array.from({ length: 80 }, () => hashPassword('password'));
    const ended = await Promise.allSettled(asked);
    const refused = ended.filter((each) => each.status === 'rejected');

    expect(refused).toHaveLength(80 - 2 - 64);
    for (const { reason } of refused) expect(reason.code).toBe('SERVICE_UNAVAILABLE');
    expect(await hashPassword('password')).toContain('$argon2id$');
  });
});
