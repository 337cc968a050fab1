import { describe, expect, it } from 'vitest';
import { describeSite } from './support/modes.ts';
import { type Answer, newEmail, PASSWORD, type Visitor } from './support/visitor.ts';

const WRONG = 'not the password';
/** As docs/security.md says: of one account from one network. */
const MOST = 10;

const codeOf = ({ json }: Answer): string => json.error.data.sessionCode;

async function guessWrong(visitor: Visitor, email: string): Promise<number[]> {
  const statuses: number[] = [];
  for (let time = 0; time < MOST + 2; time += 1) {
    // Nobody believes who says that he comes from elsewhere.
    const headers = { 'X-Forwarded-For': `198.51.100.${time}`, Forwarded: `for=192.0.2.${time}` };
    const input = { email, password: WRONG };
    statuses.push((await visitor.mutate('auth.login', input, headers)).status);
  }
  return statuses;
}

const EXPECTED = [...Array.from({ length: MOST }, () => 401), 429, 429];

describeSite('attempts', (site) => {
  it('answers 429 with Retry-After after too many wrong passwords, right ones too', async () => {
    const email = await site().visitor().register();
    expect(await guessWrong(site().visitor(), email)).toEqual(EXPECTED);
    const refused = await site().visitor().login(email);

    expect(refused.status).toBe(429);
    expect(codeOf(refused)).toBe('LOGIN_THROTTLED');
    expect(refused.json.error.data.code).toBe('TOO_MANY_REQUESTS');
    expect(refused.setCookies).toEqual([]);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(900);
    expect(site().server.log()).not.toContain(email);
  });

  it('answers the same where there is no such account, in the language of the visitor', async () => {
    const email = newEmail();
    expect(await guessWrong(site().visitor(), email)).toEqual(EXPECTED);
    const input = { email, password: WRONG };
    const headers = { 'Accept-Language': 'ru' };
    const { json } = await site().visitor().mutate('auth.login', input, headers);
    expect(json.error.message).toBe(
      'Слишком много попыток. Подождите немного и попробуйте ещё раз.',
    );
  });

  it('counts guesses of who is signed in for the account, wherever they are made', async () => {
    const visitor = site().visitor();
    const email = await visitor.register();
    const change = { currentPassword: WRONG, newPassword: 'another four words here' };
    for (let time = 0; time < MOST; time += 2) {
      const proof = await visitor.mutate('auth.confirmIdentity', { password: WRONG });
      const changed = await visitor.mutate('auth.changePassword', change);
      expect([proof.status, changed.status]).toEqual([403, 403]);
    }
    const proof = await visitor.mutate('auth.confirmIdentity', { password: PASSWORD });
    const login = await site().visitor().login(email);

    expect([codeOf(proof), codeOf(login)]).toEqual(['LOGIN_THROTTLED', 'LOGIN_THROTTLED']);
    expect((await visitor.me()).status).toBe(200);
  });

  it('lets who knows the password try again and again', async () => {
    const visitor = site().visitor();
    const email = await visitor.register();
    for (let time = 0; time < MOST + 2; time += 1) {
      expect((await visitor.login(email)).status).toBe(200);
    }
  });

  describe('to sign up', () => {
    it('are bounded by network, also where the address is taken', async () => {
      const email = await site().visitor().register();
      const input = { email, password: PASSWORD };
      const tries = Array.from({ length: 120 }, () =>
        site().visitor().mutate('auth.register', input),
      );
      const statuses = (await Promise.all(tries)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([409, 429]));
      expect(statuses.filter((status) => status === 409).length).toBeLessThan(100);
    });
  });
});
