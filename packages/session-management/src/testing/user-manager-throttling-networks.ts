import { expect, it } from 'vitest';
import { DEFAULT_LOG_IN_LIMITS } from '../policy/log-in-limits.ts';
import {
  EmailTakenError,
  type LogInAttempt,
  SessionStoreUnavailableError,
} from '../types/index.ts';
import { guess, times } from './guesses.ts';
import type { ManagerStage } from './manager-stage.ts';
import { newUser } from './samples.ts';

const LIMITS = DEFAULT_LOG_IN_LIMITS;
const HOME = '203.0.113.7';

/** As many attempts as there are addresses of networks of their own. */
const fromEverywhere = (count: number, account: string): LogInAttempt[] =>
  Array.from({ length: count }, (_none, index) => ({
    account,
    ip: `198.18.${index >> 8}.${index & 255}`,
  }));

const spray = (count: number, ipOf: (index: number) => string): LogInAttempt[] =>
  Array.from({ length: count }, (_none, index) => ({ account: newUser().email, ip: ipOf(index) }));

const throttledOf = (count: number, most: number) => ({ evaluated: most, throttled: count - most });

export function throttlingNetworks({ manager, user }: ManagerStage): void {
  const signIn = (account: string, ip = HOME): Promise<object | null> =>
    manager().guardLogIn({ account, ip }, async () => ({ account }));

  it('bounds what all networks together try on one account', async () => {
    const { email } = await user();
    const { most } = LIMITS.account;
    expect(await guess(manager(), fromEverywhere(300, email))).toEqual(throttledOf(300, most));
  });

  it('lets the owner in from a network that the account knows, whatever strangers do', async () => {
    const { email } = await user();
    await signIn(email);
    await guess(manager(), fromEverywhere(LIMITS.account.most + 10, email));
    await guess(
      manager(),
      spray(LIMITS.network.most + 10, () => HOME),
    );

    expect(await signIn(email)).not.toBeNull();
    expect(await guess(manager(), [{ account: email, ip: '192.0.2.1' }])).toEqual(
      throttledOf(1, 0),
    );
    expect(
      await guess(
        manager(),
        spray(1, () => HOME),
      ),
    ).toEqual(throttledOf(1, 0));
  });

  it('knows a network after a sign-up from there', async () => {
    const { email } = newUser();
    await manager().guardSignUp({ account: email, ip: HOME }, async () => email);
    await guess(manager(), fromEverywhere(LIMITS.account.most, email));
    expect(await signIn(email)).not.toBeNull();
  });

  it('bounds what one network tries on many accounts', async () => {
    const { most } = LIMITS.network;
    const tries = spray(300, () => '192.0.2.1');
    expect(await guess(manager(), tries)).toEqual(throttledOf(300, most));
  });

  it('takes all addresses of an IPv6 /64 for one network, however they are written', async () => {
    const tries = spray(300, (index) => `2001:db8:0:1::${index.toString(16)}`);
    expect(await guess(manager(), tries)).toEqual(throttledOf(300, LIMITS.network.most));
    const same = spray(1, () => '2001:0DB8:0000:0001:ffff:ffff:ffff:ffff');
    expect(await guess(manager(), same)).toEqual(throttledOf(1, 0));
    expect(
      await guess(
        manager(),
        spray(1, () => '2001:db8:0:2::1'),
      ),
    ).toEqual(throttledOf(1, 1));
  });

  it('takes all unknown addresses for one network, which no account knows', async () => {
    const { email } = await user();
    await signIn(email, '0.0.0.0');
    const tries = spray(300, (index) => (index % 2 ? '0.0.0.0' : 'no address'));
    expect(await guess(manager(), tries)).toEqual(throttledOf(300, LIMITS.network.most));
    expect(await guess(manager(), [{ account: email, ip: '' }])).toEqual(throttledOf(1, 0));
  });

  it('uses up nothing of an account at a network that is stopped already', async () => {
    const { email } = await user();
    await guess(
      manager(),
      spray(LIMITS.network.most, () => '192.0.2.1'),
    );
    await guess(manager(), times(2 * LIMITS.account.most, { account: email, ip: '192.0.2.1' }));
    const tries = fromEverywhere(300, email);
    expect(await guess(manager(), tries)).toEqual(throttledOf(300, LIMITS.account.most));
  });

  it('uses up nothing of a network by what is refused on one account', async () => {
    const ip = '192.0.2.1';
    const looked = LIMITS.accountAndNetwork.most;
    await guess(manager(), times(300, { account: newUser().email, ip }));
    const tries = spray(300, () => ip);
    expect(await guess(manager(), tries)).toEqual(throttledOf(300, LIMITS.network.most - looked));
  });

  it('bounds the sign-ups of one network, done or refused, but for what a store left undone', async () => {
    const { most } = LIMITS.signUp;
    const signUp = (work: () => Promise<unknown>) =>
      manager()
        .guardSignUp({ account: newUser().email, ip: HOME }, work)
        .then(() => 'made')
        .catch((error: { code: string }) => error.code);
    const down = new SessionStoreUnavailableError('postgres', 'create');
    for (let time = 0; time < 5; time += 1) await signUp(() => Promise.reject(down));
    const taken = await signUp(() => Promise.reject(new EmailTakenError()));
    const others = await Promise.all(Array.from({ length: most }, () => signUp(async () => 'ann')));

    expect(taken).toBe('EMAIL_TAKEN');
    expect(others.filter((each) => each === 'made')).toHaveLength(most - 1);
    expect(others.filter((each) => each === 'LOGIN_THROTTLED')).toHaveLength(1);
  });
}
