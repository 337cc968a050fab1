import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refuseCommon } from '../src/server/common-passwords.ts';
import { type Server, startServer } from './support/server.ts';
import { newEmail, newTranscript, PASSWORD, Visitor } from './support/visitor.ts';

const EMAIL = 'ann@example.com';

describe('a new password', () => {
  it.each([
    'password',
    'PassWord123',
    'QWERTYUIOP',
    ' iloveyou1 ',
    '\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44',
    EMAIL,
    'Ann@Example.COM',
  ])('is refused when it is guessed first: %j', async (password) => {
    await expect(refuseCommon(password, EMAIL, 'password')).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: 'PASSWORD_TOO_COMMON',
    });
  });

  it.each([
    PASSWORD,
    'x'.repeat(64),
    'только мои слова',
    'password of ann@example.com',
    'zq7!kd0w',
  ])('is taken by no rule of composition: %j', async (password) => {
    await expect(refuseCommon(password, EMAIL, 'password')).resolves.toBeUndefined();
  });
});

describe('a common password', () => {
  let server: Server;
  const visitorOf = () => new Visitor(server.origin, newTranscript());

  beforeAll(async () => {
    server = await startServer({ NODE_ENV: 'test' });
  }, 300_000);

  afterAll(() => server?.stop());

  const refused = (field: string) => ({
    httpStatus: 400,
    sessionCode: 'PASSWORD_TOO_COMMON',
    fields: [field],
  });

  it('makes no account, and the answer names the field in the language of the visitor', async () => {
    const email = newEmail();
    for (const password of ['Password123', email.toUpperCase()]) {
      const visitor = visitorOf();
      const input = { email, password };
      const russian = { 'Accept-Language': 'ru' };
      const answer = await visitor.mutate('auth.register', input, russian);
      expect(answer.json.error.data).toMatchObject(refused('password'));
      expect(answer.json.error.message).toContain('Такой пароль подбирают первым');
      expect(answer.setCookies).toEqual([]);
    }
    await visitorOf().register(email);
  });

  it('replaces no password', async () => {
    const visitor = visitorOf();
    const email = await visitor.register();
    const input = { currentPassword: PASSWORD, newPassword: 'Qwerty123456' };
    const answer = await visitor.mutate('auth.changePassword', input);
    expect(answer.json.error.data).toMatchObject(refused('newPassword'));
    expect((await visitorOf().login(email)).status).toBe(200);
  });

  it('is judged only for who knows the password of before', async () => {
    const visitor = visitorOf();
    await visitor.register();
    const input = { currentPassword: 'not the password', newPassword: 'Qwerty123456' };
    const answer = await visitor.mutate('auth.changePassword', input);
    expect(answer.json.error.data.sessionCode).toBe('INVALID_CREDENTIALS');
  });
});
