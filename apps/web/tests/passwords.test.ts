import { hash } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { departures } from '../src/server/password-queues.ts';
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

  it('are not hashed for who has hung up by their turn, and keep nobody else out', async () => {
    let hangUp = (): void => undefined;
    const left = new Promise<void>((resolve) => {
      hangUp = resolve;
    });
    const gone = departures().run(left, () =>
      Array.from({ length: 60 }, () => hashPassword('password')),
    );
    hangUp();
    await left;
    // In the line stand 58, of whom nobody waits for one: there is room for 64.
    const here = Array.from({ length: 64 }, () => hashPassword('password'));

    const ended = await Promise.allSettled(gone);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(await Promise.all(here)).toHaveLength(64);
  });
});
