import { expect, it } from 'vitest';
import { describeSite } from './support/modes.ts';
import { firstAnswer, postOf, written } from './support/raw-client.ts';
import { PASSWORD, type Visitor } from './support/visitor.ts';

const MOST_CALLS = 10;

const times = (count: number, name: string): string => Array(count).fill(name).join(',');

function post(who: Visitor, target: string, input: object = {}, headers = {}) {
  const body = JSON.stringify(input);
  const json = { 'Content-Type': 'application/json', ...headers };
  return who.send(`/api/trpc/${target}`, { method: 'POST', headers: json, body });
}

describeSite('a batch', (site) => {
  it('runs as many calls as are allowed', async () => {
    const visitor = site().visitor();
    await visitor.register();
    const me = await visitor.send(`/api/trpc/${times(MOST_CALLS, 'auth.me')}?batch=1`);
    expect([me.status, me.json.length]).toEqual([200, MOST_CALLS]);
    const out = await post(visitor, `${times(MOST_CALLS, 'auth.logout')}?batch=1`);
    expect([out.status, out.json.length]).toEqual([200, MOST_CALLS]);
  });

  it.each([
    ['one more', times(MOST_CALLS + 1, 'auth.logout')],
    ['a thousand', times(1_000, 'auth.logout')],
    ['more, encoded', times(MOST_CALLS + 1, 'auth.logout').replaceAll(',', '%2C')],
    ['more, encoded twice', times(MOST_CALLS + 1, 'auth.logout').replaceAll(',', '%252C')],
  ])('of %s is refused before any call runs', async (_, names) => {
    const visitor = site().visitor();
    await visitor.register();
    const refused = await post(visitor, `${names}?batch=1`);
    expect(refused.status).toBe(400);
    expect(refused.headers.get('cache-control')).toBe('private, no-store');
    expect(refused.json.error).toEqual({
      message: 'Too many calls in one request. Send 10 at most.',
      code: -32_600,
      data: { code: 'BAD_REQUEST', httpStatus: 400, sessionCode: 'BATCH_TOO_LARGE', fields: [] },
    });
    expect((await visitor.me()).status).toBe(200);
  });

  it('of too many queries is refused as well, in the language of the visitor', async () => {
    const target = `/api/trpc/${times(MOST_CALLS + 1, 'auth.me')}?batch=1`;
    const refused = await site()
      .visitor()
      .send(target, { headers: { 'Accept-Language': 'ru' } });
    expect(refused.status).toBe(400);
    expect(refused.json.error.message).toBe(
      'Слишком много вызовов в одном запросе. Отправляйте не больше 10.',
    );
  });

  it.each([
    'auth.login,auth.login?batch=1',
    'auth.login,auth.register?batch=1',
    'auth.logout,auth%2Elogin,auth%252Elogin?batch=1',
    'auth.login%252Cauth.confirmIdentity?batch=1',
    'auth.changePassword,auth.confirmIdentity?batch=1',
    '[trpc]?trpc=auth.login,auth.login&batch=1',
  ])('with two passwords is refused before either is looked at: %s', async (target) => {
    const email = await site().visitor().register();
    const visitor = site().visitor();
    const input = { email, password: PASSWORD };
    const refused = await post(visitor, target, { 0: input, 1: input, 2: input });
    expect(refused.status).toBe(400);
    expect(refused.json.error.data.sessionCode).toBe('PASSWORD_CALLS_BATCHED');
    expect(refused.setCookies).toEqual([]);
  });

  it('may have one password', async () => {
    const email = await site().visitor().register();
    const visitor = site().visitor();
    const input = { 1: { email, password: PASSWORD } };
    const answer = await post(visitor, 'auth.logout,auth.login?batch=1', input);
    expect(answer.status).toBe(200);
    expect((await visitor.me()).status).toBe(200);
  });

  it.each(['%E0%A4%A', '%25E0%25A4%25A', `%${'25'.repeat(1_000)}41`])(
    'whose names cannot be decoded is refused (%#)',
    async (name) => {
      const socket = await written(site().server.origin, postOf(`/api/trpc/${name}`, '{}'));
      const { status, text } = await firstAnswer(socket);
      expect(status).toBe(400);
      expect(text).toContain('"message":"Please check what you entered."');
      expect(text).toContain('"sessionCode":"BAD_REQUEST"');
      socket.destroy();
    },
  );
});
