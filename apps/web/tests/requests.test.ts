import { expect, it } from 'vitest';
import { describeSite } from './support/modes.ts';
import { newEmail, PASSWORD } from './support/visitor.ts';

describeSite('requests', (site) => {
  it.each([
    'sessionId=',
    'sessionId=undefined',
    'sessionId=null',
    'sessionId=%20',
    'sessionId=%00',
    'sessionId=*',
    'sessionId=../x',
    'sessionId="quoted"',
    `sessionId=${'a'.repeat(8192)}`,
    'SESSIONID=x',
    '=; ;;sessionId',
    '__proto__=x; constructor=y',
  ])('signs nobody in by a cookie that cannot be ours (%#)', async (Cookie) => {
    const answer = await site().visitor().me({ Cookie });
    expect(answer.status).toBe(401);
    expect(answer.json.error.data.sessionCode).toBe('UNAUTHORIZED');
  });

  it('finds the live one of two cookies of our name, and a log-out ends both', async () => {
    const visitor = site().visitor();
    const email = await visitor.register();
    const first = visitor.sessionId;
    visitor.cookies.clear();
    await visitor.login(email);
    const second = visitor.sessionId;

    for (const Cookie of [
      `sessionId=bad; sessionId=${first}`,
      `sessionId=${first}; sessionId=bad`,
    ]) {
      expect((await visitor.me({ Cookie })).status).toBe(200);
      expect((await visitor.send('/account', { headers: { Cookie } })).status).toBe(200);
    }
    await visitor.mutate('auth.logout', {}, { Cookie: `sessionId=${first}; sessionId=${second}` });
    for (const sessionId of [first, second]) {
      expect((await visitor.me({ Cookie: `sessionId=${sessionId}` })).status).toBe(401);
    }
  });

  it('takes a bearer token as RFC 6750 writes it, and nothing else', async () => {
    const visitor = site().visitor();
    await visitor.register();
    const { sessionId } = visitor;
    visitor.cookies.clear();

    for (const Authorization of [`Bearer ${sessionId}`, `bearer  ${sessionId}`]) {
      expect((await visitor.me({ Authorization })).status).toBe(200);
    }
    for (const Authorization of [sessionId, `Basic ${sessionId}`, `Bearer "${sessionId}"`]) {
      expect((await visitor.me({ Authorization })).status).toBe(401);
    }
  });

  it('gives the same answer to a wrong password and an unknown address', async () => {
    const email = await site().visitor().register();
    const wrong = await site().visitor().login(email, 'not the password');
    const unknown = await site().visitor().login(newEmail(), 'not the password');

    expect(wrong.status).toBe(401);
    expect(unknown.status).toBe(401);
    expect(wrong.text).toBe(unknown.text);
    expect(wrong.json.error.data.sessionCode).toBe('INVALID_CREDENTIALS');
    expect([...wrong.setCookies, ...unknown.setCookies]).toEqual([]);
  });

  it('signs in whatever the case of the address and the blanks around it', async () => {
    const email = await site().visitor().register();
    for (const typed of [email.toUpperCase(), ` ${email} `]) {
      expect((await site().visitor().login(typed)).status).toBe(200);
    }
  });

  it.each([
    { role: 'ADMIN' },
    { isVerified: true },
    { id: 'x' },
    { createdAt: '2020-01-01' },
    { sessionId: 'known' },
    { hashedPassword: 'x' },
  ])('refuses %j in a sign-up', async (extra) => {
    const input = { email: newEmail(), password: PASSWORD, ...extra };
    const answer = await site().visitor().mutate('auth.register', input);
    expect(answer.status).toBe(400);
    expect(answer.setCookies).toEqual([]);
  });

  it.each([
    ['email', 'no address'],
    ['email', 'a\u0000b@example.com'],
    ['email', `${'a'.repeat(300)}@example.com`],
    ['password', 'short'],
    ['password', 'a'.repeat(257)],
    ['password', 'with a \u0000 inside'],
    ['password', 'lone \ud800 surrogate'],
    ['password', { toString: 'x' }],
  ])('refuses a sign-up with %s %j and names the field', async (field, value) => {
    const input = { email: newEmail(), password: PASSWORD, [field]: value };
    const answer = await site().visitor().mutate('auth.register', input);
    expect(answer.status).toBe(400);
    expect(answer.json.error.data.fields).toEqual([field]);
  });

  it('takes the password as a proof of identity, and nothing else', async () => {
    const visitor = site().visitor();
    await visitor.register();
    const wrong = await visitor.mutate('auth.confirmIdentity', { password: 'not the password' });
    expect(wrong.status).toBe(403);
    expect(wrong.json.error.data.sessionCode).toBe('INVALID_CREDENTIALS');
    const right = await visitor.mutate('auth.confirmIdentity', { password: PASSWORD });
    expect(right.json.result.data).toEqual({ confirmed: true });
    expect(right.setCookies).toEqual([]);
    const nobody = await site().visitor().mutate('auth.confirmIdentity', { password: PASSWORD });
    expect(nobody.status).toBe(401);
  });

  it('changes nothing on GET', async () => {
    const visitor = site().visitor();
    await visitor.register();
    for (const path of ['auth.logout', 'sessions.revokeAll', 'auth.logout?batch=1']) {
      const answer = await visitor.send(`/api/trpc/${path}`);
      expect(answer.status).toBe(405);
      expect(answer.setCookies).toEqual([]);
    }
    expect((await visitor.me()).status).toBe(200);
  });

  it.each([
    ['a foreign page', 403, { Origin: 'https://evil.example', 'Content-Type': 'text/plain' }],
    ['a foreign page that sends JSON', 403, { Origin: 'https://evil.example' }],
    ['a sandboxed page', 403, { Origin: 'null' }],
    ['plain text', 415, { 'Content-Type': 'text/plain' }],
    ['a form', 415, { 'Content-Type': 'multipart/form-data; boundary=x' }],
    ['a change that wants to be streamed', 400, { 'trpc-accept': 'application/jsonl' }],
    ['a change that wants it as others say it', 400, { Accept: 'text/html, application/jsonl' }],
  ])('refuses %s with %d and leaves the session alone', async (_, status, headers) => {
    const visitor = site().visitor();
    await visitor.register();
    const answer = await visitor.mutate('auth.logout', {}, headers);

    expect(answer.status).toBe(status);
    expect(answer.setCookies).toEqual([]);
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    expect((await visitor.me()).status).toBe(200);
  });

  it('takes a change from its own pages', async () => {
    const visitor = site().visitor();
    const { origin } = site().server;
    await visitor.register();
    expect((await visitor.mutate('auth.logout', {}, { Origin: origin })).status).toBe(200);
  });

  it('answers broken and huge bodies with an error of the visitor', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const send = (body: string) =>
      site().visitor().send('/api/trpc/auth.login', { method: 'POST', headers, body });

    expect((await send('{"email":')).status).toBe(400);
    expect((await send('null')).status).toBe(400);
    expect((await send(`{"email":"${'a'.repeat(100_000)}"}`)).status).toBe(413);
  });

  it('speaks Russian where it is wanted, with the same code', async () => {
    const answer = await site().visitor().me({ 'Accept-Language': 'de, ru;q=0.9, en;q=0.1' });
    expect(answer.json.error.message).toBe('Войдите, пожалуйста.');
    expect(answer.json.error.data.sessionCode).toBe('UNAUTHORIZED');
  });

  it('believes no forwarded address without a trusted proxy', async () => {
    const visitor = site().visitor();
    const email = await visitor.register();
    await visitor.mutate(
      'auth.login',
      { email, password: PASSWORD },
      { 'X-Forwarded-For': '6.6.6.6' },
    );
    const { sessions } = (await visitor.send('/api/trpc/sessions.list')).json.result.data;
    expect(sessions[0].ip).toBe('127.0.0.1');
  });

  it('sends signed-out visitors from the account to the log-in, and caches no page of a user', async () => {
    const visitor = site().visitor();
    const signedOut = await visitor.send('/account');
    expect(signedOut.status).toBe(307);
    expect(signedOut.headers.get('location')).toBe('/login');

    const email = await visitor.register();
    const page = await visitor.send('/account');
    expect(page.text).toContain(email);
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('keeps a connection longer than the proxies before it', async () => {
    const { headers } = await site().visitor().send('/api/health');
    const [, seconds] = /timeout=(\d+)/.exec(headers.get('keep-alive') ?? '') ?? [];
    expect(Number(seconds)).toBeGreaterThan(60);
  });

  it('says that it lives and is ready', async () => {
    const visitor = site().visitor();
    expect((await visitor.send('/api/health')).json).toEqual({ status: 'ok' });
    const ready = await visitor.send('/api/ready');
    expect(ready.status).toBe(200);
    expect(ready.json).toMatchObject({ status: 'ready', degraded: [] });
    expect(ready.headers.get('cache-control')).toBe('private, no-store');
  });
});
