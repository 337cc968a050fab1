import { expect, it } from 'vitest';
import { DEFAULT_LOG_IN_LIMITS } from '../policy/log-in-limits.ts';
import { LogInThrottledError, SessionStoreUnavailableError } from '../types/index.ts';
import { guess, times } from './guesses.ts';
import type { ManagerStage } from './manager-stage.ts';
import { expectRefusal, newUser } from './samples.ts';

const { most, withinMs } = DEFAULT_LOG_IN_LIMITS.accountAndNetwork;
const ip = '203.0.113.7';

export function throttling({ harness, manager, user }: ManagerStage): void {
  const signIn = async (account: string): Promise<object | null> =>
    manager().guardLogIn({ account, ip }, async () => ({ account }));

  it('answers what the check answers, and null for nothing', async () => {
    const { email, id } = await user();
    const found = await manager().guardLogIn({ account: email, ip }, () =>
      manager().findByEmail(email),
    );
    expect(found?.id).toBe(id);
    expect(await manager().guardLogIn({ account: email, ip }, async () => undefined)).toBeNull();
  });

  it('looks at so many failures and no more, then says when to come back', async () => {
    const { email } = await user();
    for (let time = 0; time < most; time += 1) {
      expect(await guess(manager(), [{ account: email, ip }])).toMatchObject({ evaluated: 1 });
    }
    let ran = false;
    const refused = manager().guardLogIn({ account: email, ip }, async () => {
      ran = true;
      return {};
    });

    const error = await refused.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LogInThrottledError);
    expect(error).toMatchObject({ code: 'LOGIN_THROTTLED' });
    const { retryAfterSeconds } = error as LogInThrottledError;
    expect(Number.isInteger(retryAfterSeconds)).toBe(true);
    expect(retryAfterSeconds).toBeGreaterThan(0);
    expect(retryAfterSeconds).toBeLessThanOrEqual(withinMs / 1_000);
    expect(ran).toBe(false);
    expect(String(error)).not.toContain(email);
  });

  it('looks at no more of 200 tries at once', async () => {
    const { email } = await user();
    const tries = times(200, { account: email, ip });
    expect(await guess(manager(), tries)).toEqual({ evaluated: most, throttled: 200 - most });
  });

  it('says the same of an account that does not exist', async () => {
    const nobody = newUser().email;
    const tries = times(most + 5, { account: nobody, ip });
    expect(await guess(manager(), tries)).toEqual({ evaluated: most, throttled: 5 });
  });

  it('counts an address however it is typed, and in every realm', async () => {
    const { email } = await user();
    await guess(manager(), times(most - 1, { account: email, ip }));
    const typed = ` ${email.toUpperCase()} `;
    const [first, second] = [harness().otherRealm, harness().idleRealm];

    expect((await guess(first, [{ account: typed, ip }])).evaluated).toBe(1);
    expect((await guess(second, [{ account: email, ip }])).throttled).toBe(1);
  });

  it('forgets the failures of this account and network with a success, and counts none', async () => {
    const { email } = await user();
    await guess(manager(), times(most - 1, { account: email, ip }));
    for (let time = 0; time < 3 * most; time += 1) await signIn(email);

    const tries = times(most + 1, { account: email, ip });
    expect(await guess(manager(), tries)).toEqual({ evaluated: most, throttled: 1 });
  });

  it('does not count what nobody could find out', async () => {
    const { email } = await user();
    const unavailable = new SessionStoreUnavailableError('postgres', 'find');
    for (let time = 0; time < 2 * most; time += 1) {
      const check = manager().guardLogIn({ account: email, ip }, () => Promise.reject(unavailable));
      await expect(check).rejects.toBe(unavailable);
    }
    const tries = times(most, { account: email, ip });
    expect(await guess(manager(), tries)).toEqual({ evaluated: most, throttled: 0 });
  });

  it('refuses the right password as well, once there were too many wrong ones', async () => {
    const { email } = await user();
    await guess(manager(), times(most, { account: email, ip }));
    await expectRefusal(signIn(email), 'LOGIN_THROTTLED');
  });

  it('is over when the manager is', async () => {
    await manager().close();
    await expectRefusal(signIn(newUser().email), 'MANAGER_CLOSED');
    const made = manager().guardSignUp({ account: newUser().email, ip }, async () => 1);
    await expectRefusal(made, 'MANAGER_CLOSED');
  });
}
