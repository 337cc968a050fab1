import { SAMPLE_PASSWORD } from '@repo/exchange-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Server, startServer } from './support/server.ts';
import { newTranscript, Visitor } from './support/visitor.ts';

const BUILD_AND_START_MS = 300_000;
const ADA = { id: 'sample-ada', email: 'ada@example.com' };

let server: Server;
const visitor = (): Visitor => new Visitor(server.origin, newTranscript());

beforeAll(async () => {
  server = await startServer({ NODE_ENV: 'test' });
}, BUILD_AND_START_MS);

afterAll(() => server?.stop());

async function signedIn(email: string): Promise<Visitor> {
  const browser = visitor();
  expect((await browser.login(email, SAMPLE_PASSWORD)).status).toBe(200);
  return browser;
}

it('an administrator signs in as a user, sees a banner, and stops', async () => {
  const admin = await signedIn('admin@example.com');
  const own = admin.sessionId;
  expect((await admin.send('/admin/users')).text).toContain(`Sign in as ${ADA.email}`);
  const begun = await admin.mutate('impersonation.begin', { userId: ADA.id });
  expect(begun.setCookies[0]).toMatch(/Max-Age=1800/);

  expect((await admin.me()).json.result.data.user.email).toBe(ADA.email);
  expect((await admin.send('/account')).text).toContain('in their place');
  expect((await admin.send('/admin/users')).status).toBe(404);
  const passwords = { currentPassword: SAMPLE_PASSWORD, newPassword: 'another password 1' };
  const changed = await admin.mutate('auth.changePassword', passwords);
  expect([changed.status, changed.json.error.data.sessionCode]).toEqual([403, 'IMPERSONATED']);

  expect((await admin.mutate('impersonation.stop')).status).toBe(200);
  expect(admin.cookies.size).toBe(0);
  expect((await admin.me({ Cookie: `sessionId=${own}` })).status).toBe(401);
});

it('the user sees the administrator in the list of devices', async () => {
  const admin = await signedIn('admin@example.com');
  await admin.mutate('impersonation.begin', { userId: ADA.id });
  const ada = await signedIn(ADA.email);

  expect((await ada.send('/account/sessions')).text).toContain('an administrator, in your place');
});

it('nobody else begins, and nobody stops what is not begun', async () => {
  const ada = await signedIn(ADA.email);
  expect((await ada.mutate('impersonation.begin', { userId: 'sample-grace' })).status).toBe(403);
  expect((await ada.mutate('impersonation.stop')).status).toBe(403);
  expect((await ada.send('/admin/users')).status).toBe(404);
  const nobody = await visitor().mutate('impersonation.begin', { userId: ADA.id });
  expect(nobody.status).toBe(401);
  const admin = await signedIn('admin@example.com');
  const refused = await admin.mutate('impersonation.begin', { userId: 'sample-admin' });
  expect([refused.status, refused.json.error.data.sessionCode]).toEqual([
    403,
    'IMPERSONATION_REFUSED',
  ]);
});
