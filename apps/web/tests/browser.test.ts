import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openBrowser } from './support/chromium.ts';
import { type Server, startServer } from './support/server.ts';
import { newEmail, PASSWORD } from './support/visitor.ts';

const START_MS = 300_000;

describe.skipIf(CHROMIUM === undefined)('in Chromium (skipped where there is none)', () => {
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer({ NODE_ENV: 'test' });
    browser = await openBrowser();
  }, START_MS);

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const newPage = async (): Promise<Page> => {
    const context = await browser.newContext({ baseURL: server.origin });
    return context.newPage();
  };

  async function enter(page: Page, path: string, email: string, password: string): Promise<void> {
    await page.goto(path);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
  }

  it('signs up, lists devices, ends another browser, and signs out', async () => {
    const [here, there] = [await newPage(), await newPage()];
    const email = newEmail();
    await enter(here, '/register', email, PASSWORD);
    await here.waitForURL('/account');
    await here.getByText(email).waitFor();

    const [cookie, ...others] = await here.context().cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({
      name: 'sessionId',
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      secure: false,
    });
    expect(await here.evaluate('document.cookie')).toBe('');

    await enter(there, '/login', email, PASSWORD);
    await there.waitForURL('/account');
    await here.getByRole('link', { name: 'Devices' }).click();
    await here.waitForURL('/account/sessions');
    await here.getByText('this device', { exact: true }).waitFor();
    expect(await here.getByRole('listitem').count()).toBe(2);

    await here.getByRole('button', { name: /^Sign out .* on .*,/ }).click();
    await here.getByRole('listitem').nth(1).waitFor({ state: 'detached' });
    await there.goto('/account');
    await there.waitForURL('/login');

    await here.getByRole('navigation').getByRole('button', { name: 'Sign out' }).click();
    await here.waitForURL('/');
    expect(await here.context().cookies()).toEqual([]);
  });

  it('says what is wrong beside the field, and puts the focus there', async () => {
    const page = await newPage();
    await enter(page, '/register', 'no address', 'short');

    const email = page.getByLabel('E-mail address');
    await page.getByText('Enter an e-mail address, such as ann@example.com.').waitFor();
    expect(await email.getAttribute('aria-invalid')).toBe('true');
    expect(await email.evaluate((field) => field === field.ownerDocument.activeElement)).toBe(true);
    const described = await page.getByLabel('Password').getAttribute('aria-describedby');
    expect(described?.split(' ')).toHaveLength(2);
    expect(page.url()).toBe(`${server.origin}/register`);
  });

  it('tells a wrong password in words', async () => {
    const page = await newPage();
    await enter(page, '/login', newEmail(), PASSWORD);

    await page.getByRole('alert').getByText('E-mail address or password is wrong.').waitFor();
  });

  it('changes a password', async () => {
    const page = await newPage();
    await enter(page, '/register', newEmail(), PASSWORD);
    await page.waitForURL('/account');
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByLabel('New password').fill('another four words entirely');
    await page.getByRole('button', { name: 'Change password' }).click();

    await page.getByText('Your password is changed.').waitFor();
  });
});
