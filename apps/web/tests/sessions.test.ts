import { expect, it } from 'vitest';
import { describeSite } from './support/modes.ts';
import { newEmail, PASSWORD } from './support/visitor.ts';

describeSite('sessions', (site) => {
  it('signs up, says who is signed in, and signs out', async () => {
    const visitor = site().visitor();
    const email = await visitor.register();
    expect((await visitor.me()).json.result.data.user).toMatchObject({
      email,
      role: 'USER',
      isVerified: false,
      lastLoginAt: expect.any(String),
    });

    const { sessionId } = visitor;
    const answer = await visitor.mutate('auth.logout');
    expect(answer.setCookies).toEqual(['sessionId=; HttpOnly; Path=/; Max-Age=0; SameSite=Lax']);
    expect(visitor.cookies.size).toBe(0);
    expect((await visitor.me({ Cookie: `sessionId=${sessionId}` })).status).toBe(401);
    expect(site().server.log()).toContain('User logged out user=');
  });

  it('counts signing out twice, or with a made-up id, as done', async () => {
    const visitor = site().visitor();
    expect((await visitor.mutate('auth.logout')).status).toBe(200);
    const answer = await visitor.mutate('auth.logout', {}, { Cookie: 'sessionId=made-up' });
    expect(answer.status).toBe(200);
    expect(answer.setCookies).toHaveLength(1);
  });

  it('writes the cookie with the attributes of the document', async () => {
    const visitor = site().visitor();
    const answer = await visitor.login(await site().visitor().register());
    expect(answer.setCookies).toHaveLength(1);
    expect(answer.setCookies[0]).toMatch(
      /^sessionId=[\w-]{43}; HttpOnly; Path=\/; Max-Age=604800; SameSite=Lax$/,
    );
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
  });

  it('shows a device by the name that its user gave it, and no other may give one', async () => {
    const [mine, theirs] = [site().visitor(), site().visitor()];
    await mine.register();
    await theirs.register();
    const listed = async () =>
      (await mine.send('/api/trpc/sessions.list')).json.result.data.sessions[0];
    const { handle } = await listed();

    const named = await mine.mutate('sessions.rename', { handle, label: ' Kitchen <b> ' });
    expect(named.status).toBe(200);
    expect((await listed()).label).toBe('Kitchen <b>');
    expect((await mine.send('/account/sessions')).text).toContain('Kitchen &lt;b&gt;');
    expect((await theirs.mutate('sessions.rename', { handle, label: 'mine' })).status).toBe(404);
    const long = await mine.mutate('sessions.rename', { handle, label: 'x'.repeat(65) });
    expect(long.status).toBe(400);
  });

  it('lists devices and ends one of them, and only that', async () => {
    const [first, second] = [site().visitor(), site().visitor()];
    const email = await first.register();
    await second.login(email);

    const { sessions } = (await first.send('/api/trpc/sessions.list')).json.result.data;
    expect(sessions).toHaveLength(2);
    expect(sessions.filter((entry: { current: boolean }) => entry.current)).toHaveLength(1);
    const other = sessions.find((entry: { current: boolean }) => !entry.current);
    expect(Object.keys(other).sort()).toEqual(
      ['createdAt', 'current', 'device', 'expiresAt', 'handle', 'ip', 'label', 'lastSeenAt'].sort(),
    );

    const revoke = await first.mutate('sessions.revoke', { handle: other.handle });
    expect(revoke.json.result.data).toEqual({ ended: 1 });
    expect((await second.me()).status).toBe(401);
    expect((await first.me()).status).toBe(200);
  });

  it('ends no session of another user', async () => {
    const [mine, theirs] = [site().visitor(), site().visitor()];
    await mine.register();
    await theirs.register();
    const { sessions } = (await theirs.send('/api/trpc/sessions.list')).json.result.data;

    const answer = await mine.mutate('sessions.revoke', { handle: sessions[0].handle });
    expect(answer.json.result.data).toEqual({ ended: 0 });
    expect((await theirs.me()).status).toBe(200);
  });

  it('ends all others, and then all', async () => {
    const [first, second, third] = [site().visitor(), site().visitor(), site().visitor()];
    const email = await first.register();
    await second.login(email);
    await third.login(email);

    expect((await first.mutate('sessions.revokeOthers')).json.result.data).toEqual({ ended: 2 });
    expect((await second.me()).status).toBe(401);
    expect((await first.me()).status).toBe(200);

    await third.login(email);
    expect((await first.mutate('sessions.revokeAll')).json.result.data).toEqual({ ended: 2 });
    expect(first.cookies.size).toBe(0);
    expect((await third.me()).status).toBe(401);
  });

  it('ends the session that the browser had before it signed in again', async () => {
    const visitor = site().visitor();
    const email = await visitor.register();
    const before = visitor.sessionId;
    await visitor.login(email);

    expect(visitor.sessionId).not.toBe(before);
    expect((await visitor.me({ Cookie: `sessionId=${before}` })).status).toBe(401);
    expect((await visitor.me()).status).toBe(200);
  });

  it('never takes an id that the browser chose', async () => {
    const visitor = site().visitor();
    const email = await site().visitor().register();
    visitor.cookies.set('sessionId', 'attacker-chosen');
    await visitor.login(email);

    expect(visitor.sessionId).not.toBe('attacker-chosen');
    expect((await visitor.me({ Cookie: 'sessionId=attacker-chosen' })).status).toBe(401);
  });

  it('ends the other devices with a change of password, and keeps this one', async () => {
    const [here, there] = [site().visitor(), site().visitor()];
    const email = await here.register();
    await there.login(email);
    const newPassword = 'another four words entirely';

    const wrong = { currentPassword: 'not this one', newPassword };
    expect((await here.mutate('auth.changePassword', wrong)).status).toBe(403);
    expect((await there.me()).status).toBe(200);

    const right = { currentPassword: PASSWORD, newPassword };
    const before = here.sessionId;
    const changed = await here.mutate('auth.changePassword', right);
    expect(changed.status).toBe(200);
    expect(changed.setCookies).toHaveLength(1);
    expect(here.sessionId).not.toBe(before);
    expect((await here.me()).status).toBe(200);
    expect((await here.mutate('auth.logout', {})).status).toBe(200);
    expect((await here.me({ Cookie: `sessionId=${before}` })).status).toBe(401);
    expect((await there.me()).status).toBe(401);
    expect((await there.login(email)).status).toBe(401);
    expect((await there.login(email, newPassword)).status).toBe(200);
  });

  it('answers each call of a batch by the session that the request came with', async () => {
    const visitor = site().visitor();
    const email = await visitor.register();
    const answer = await visitor.mutate('auth.logout,sessions.revokeOthers?batch=1', {
      0: {},
      1: {},
    });
    expect(answer.status).toBe(200);
    expect(answer.json[1].result.data).toEqual({ ended: 0 });
    expect(answer.setCookies).toHaveLength(1);

    await visitor.login(email);
    const mixed = await visitor.mutate('auth.logout,auth.me?batch=1', { 0: {}, 1: {} });
    expect(mixed.status).toBe(400);
    expect((await visitor.me()).status).toBe(200);

    const both = await visitor.send('/api/trpc/auth.me,sessions.list?batch=1');
    expect(both.json).toHaveLength(2);
    expect(both.json[0].result.data.user.email).toBe(email);
  });

  it('keeps every secret out of bodies and logs', async () => {
    const visitor = site().visitor();
    await visitor.register();
    for (const path of ['/', '/account', '/account/sessions']) await visitor.send(path);

    const { bodies, sessionIds, emails } = site().transcript;
    expect(sessionIds.length).toBeGreaterThan(5);
    const told = bodies.join('\n');
    const log = site().server.log();
    for (const sessionId of sessionIds) {
      expect(told.includes(sessionId)).toBe(false);
      expect(log.includes(sessionId)).toBe(false);
    }
    for (const email of emails) expect(log.includes(email)).toBe(false);
    expect(told).not.toMatch(/hashedPassword|\$argon2/);
    expect(log).not.toMatch(new RegExp(`argon2id|${PASSWORD}`));
  });

  it('signs up one account and one only when twenty ask at once', async () => {
    const email = newEmail();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        site()
          .visitor()
          .mutate('auth.register', {
            email: index % 2 ? email : email.toUpperCase(),
            password: PASSWORD,
          }),
      ),
    );

    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array(19).fill(409)]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.json.error.data.sessionCode).toBe('EMAIL_TAKEN');
    expect(answers.flatMap(({ setCookies }) => setCookies)).toHaveLength(1);
  });
});
