import { SAMPLE_PASSWORD } from '@repo/exchange-core';
import pg from 'pg';
import { expect, it } from 'vitest';
import { describeSite, type Site } from './support/modes.ts';
import { PASSWORD, type Visitor } from './support/visitor.ts';

interface SignedIn {
  visitor: Visitor;
  id: string;
  email: string;
  password: string;
}

async function signedIn({ visitor }: Site): Promise<SignedIn> {
  const browser = visitor();
  const email = await browser.register();
  const { id } = (await browser.me()).json.result.data.user;
  return { visitor: browser, id, email, password: PASSWORD };
}

/** The sample administrator of mock mode; with stores a user whom an operator made one. */
async function administrator(site: Site): Promise<SignedIn> {
  if (site.databaseUrl === null) {
    const sample = { visitor: site.visitor(), id: 'sample-admin', email: 'admin@example.com' };
    await sample.visitor.login(sample.email, SAMPLE_PASSWORD);
    return { ...sample, password: SAMPLE_PASSWORD };
  }
  const user = await signedIn(site);
  await rows(site, `UPDATE "User" SET role = 'ADMIN' WHERE id = $1`, [user.id]);
  await expect.poll(async () => (await user.visitor.send('/admin')).status).toBe(200);
  return user;
}

async function rows({ databaseUrl }: Site, text: string, values: unknown[]): Promise<unknown[]> {
  if (databaseUrl === null) return [];
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Who ended sessions of this user, by the record when it has marked them. */
async function revokedBy(site: Site, userId: string): Promise<unknown[]> {
  await rows(site, 'SELECT sessions.mark_ended(1000)', []);
  const text = `SELECT s."revokedBy" AS by FROM sessions."Session" s
    JOIN sessions."Subject" o ON o."id" = s."subject" WHERE o."userId" = $1 AND s."revokedAt" IS NOT NULL`;
  return rows(site, text, [userId]);
}

/** The answer of a query, or of its refusal. */
async function ask(who: Visitor, procedure: string, input: object = {}) {
  const text = encodeURIComponent(JSON.stringify(input));
  const { json, status } = await who.send(`/api/trpc/admin.${procedure}?input=${text}`);
  return { status, data: json.result?.data, code: json.error?.data.sessionCode };
}

describeSite('an administrator', (site) => {
  it('sees users page by page, and one of them with their sessions, without a secret', async () => {
    const admin = await administrator(site());
    const user = await signedIn(site());
    const first = (await ask(admin.visitor, 'users', { limit: 1 })).data.users;
    const rest = (await ask(admin.visitor, 'users', { after: first[0].id })).data.users;
    const ids = [...first, ...rest].map(({ id }: { id: string }) => id);
    expect([...ids].sort()).toEqual(ids);
    expect(ids).toEqual(expect.arrayContaining([admin.id, user.id]));

    const { data } = await ask(admin.visitor, 'sessions', { userId: user.id });
    expect(data.user.email).toBe(user.email);
    expect(data.sessions).toHaveLength(1);
    const page = (await admin.visitor.send(`/admin/users/${user.id}`)).text;
    expect(page).toContain(user.email);
    expect(page).toContain('Sign out of all devices');
    for (const said of [page, JSON.stringify(data)]) {
      expect(said).not.toContain(user.visitor.sessionId);
      expect(said).not.toMatch(/hashedPassword|argon2/);
    }
  });

  it('ends one session of a user, then all, and it is told who did', async () => {
    const admin = await administrator(site());
    const user = await signedIn(site());
    const [second, third] = [site().visitor(), site().visitor()];
    await second.login(user.email);
    await third.login(user.email);
    const { sessions } = (await ask(admin.visitor, 'sessions', { userId: user.id })).data;
    const { handle } = sessions[1];

    const one = await admin.visitor.mutate('admin.revoke', { userId: user.id, handle });
    expect(one.json.result.data).toEqual({ ended: 1 });
    expect((await second.me()).status).toBe(401);
    expect((await third.me()).status).toBe(200);
    const all = await admin.visitor.mutate('admin.revokeAll', { userId: user.id });
    expect(all.json.result.data).toEqual({ ended: 2 });
    expect((await third.me()).status).toBe(401);
    expect((await admin.visitor.me()).status).toBe(200);

    const log = site().server.log();
    expect(log).toContain(
      `Session ended user=${user.id} handle=${handle} ended=1 actor=${admin.id}`,
    );
    expect(log).toContain(`All sessions ended user=${user.id} ended=2 actor=${admin.id}`);
    const known = site().databaseUrl === null ? [] : Array(3).fill({ by: admin.id });
    expect(await revokedBy(site(), user.id)).toEqual(known);
  });

  it('ends no session under the name of another user', async () => {
    const admin = await administrator(site());
    const [one, other] = [await signedIn(site()), await signedIn(site())];
    const [{ handle }] = (await ask(admin.visitor, 'sessions', { userId: one.id })).data.sessions;
    const answer = await admin.visitor.mutate('admin.revoke', { userId: other.id, handle });
    expect(answer.json.result.data).toEqual({ ended: 0 });
    expect((await one.visitor.me()).status).toBe(200);
  });

  it('loses the cookie with the own session', async () => {
    const admin = await administrator(site());
    const { sessions } = (await ask(admin.visitor, 'sessions', { userId: admin.id })).data;
    const { handle } = sessions.find(({ current }: { current: boolean }) => current);
    await admin.visitor.mutate('admin.revoke', { userId: admin.id, handle });
    expect(admin.visitor.cookies.size).toBe(0);
  });

  it('changes the role of another user, never the own', async () => {
    const admin = await administrator(site());
    const user = await signedIn(site());
    const change = (userId: string, role: string) =>
      admin.visitor.mutate('admin.changeRole', { userId, role });

    expect((await change(user.id, 'ADMIN')).json.result.data.user.role).toBe('ADMIN');
    await expect.poll(async () => (await ask(user.visitor, 'health')).status).toBe(200);
    expect((await change(user.id, 'USER')).status).toBe(200);
    await expect.poll(async () => (await ask(user.visitor, 'health')).status).toBe(403);
    expect(site().server.log()).toContain(
      `Role changed user=${user.id} role=USER actor=${admin.id}`,
    );

    const own = await change(admin.id, 'USER');
    expect([own.status, own.json.error.data.sessionCode]).toEqual([403, 'OWN_ROLE']);
    expect((await change('nobody', 'USER')).status).toBe(404);
    expect((await change(user.id, 'ROOT')).json.error.data.fields).toEqual(['role']);
  });

  it.each([
    ['admin.changeRole', { role: 'ADMIN' }],
    ['impersonation.begin', {}],
  ])('%s asks for a password that was given a short while ago', async (procedure, input) => {
    const admin = await administrator(site());
    const { id: userId } = await signedIn(site());
    const call = () => admin.visitor.mutate(procedure, { userId, ...input });
    const long = `now() - interval '1 h'`;
    const text = `UPDATE sessions."Session" SET "authenticatedAt" = ${long}
      WHERE "subject" = (SELECT "id" FROM sessions."Subject" WHERE "userId" = $1)`;
    await rows(site(), text, [admin.id]);
    // Mock mode has no psql: there the log-in is a proof still.
    if (site().databaseUrl !== null) {
      expect((await call()).json.error?.data.sessionCode).toBe('IDENTITY_NOT_FRESH');
    }

    await admin.visitor.mutate('auth.confirmIdentity', { password: admin.password });
    expect((await call()).status).toBe(200);
  });

  it('is named for what ends while they act in the place of a user', async () => {
    const admin = await administrator(site());
    const user = await signedIn(site());
    await site().visitor().login(user.email);
    await admin.visitor.mutate('impersonation.begin', { userId: user.id });
    const [, { handle }] = (await admin.visitor.send('/api/trpc/sessions.list')).json.result.data
      .sessions;
    expect((await admin.visitor.mutate('sessions.revoke', { handle })).status).toBe(200);
    const others = await admin.visitor.mutate('sessions.revokeOthers');
    expect(others.json.result.data).toEqual({ ended: 1 });
    await admin.visitor.mutate('impersonation.stop');

    const known = site().databaseUrl === null ? [] : Array(3).fill({ by: admin.id });
    expect(await revokedBy(site(), user.id)).toEqual(known);
  });

  it('sees how everything stands, in numbers and as charts that can be read aloud', async () => {
    const admin = await administrator(site());
    const { data } = await ask(admin.visitor, 'health');
    expect(data.users).toBeGreaterThan(0);
    expect(data.sessions).toBeGreaterThan(0);
    expect(data.stores.record.reachable).toBe(true);

    const { text } = await admin.visitor.send('/admin');
    expect(text).toMatch(
      /<svg[^>]* role="img" aria-label="Lookups answered by a near copy. Hits: /,
    );
    expect(text).toMatch(
      /aria-label="Answer of the stores, just now. \S.*: \d+\.\d ms; \S.*: \d+\.\d ms/,
    );
  });

  it('is the only one who sees and changes anything of this', async () => {
    const user = await signedIn(site());
    const other = await signedIn(site());
    const userId = other.id;
    const handle = '00000000-0000-7000-8000-000000000000';
    for (const [who, status] of [
      [user.visitor, 403],
      [site().visitor(), 401],
    ] as const) {
      for (const query of ['users', 'sessions', 'health']) {
        const input = query === 'sessions' ? { userId } : {};
        expect((await ask(who, query, input)).status).toBe(status);
      }
      expect((await who.mutate('admin.revoke', { userId, handle })).status).toBe(status);
      expect((await who.mutate('admin.revokeAll', { userId })).status).toBe(status);
      expect((await who.mutate('admin.changeRole', { userId, role: 'ADMIN' })).status).toBe(status);
    }
    for (const page of ['/admin', '/admin/users', `/admin/users/${userId}`]) {
      expect((await user.visitor.send(page)).status).toBe(404);
      expect((await site().visitor().send(page)).headers.get('location')).toBe('/login');
    }
    expect((await other.visitor.me()).status).toBe(200);
  });
});
