import { SAMPLE_PASSWORD } from '@repo/exchange-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
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

  const newPage = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ baseURL: server.origin, ...options });
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

  it('lets an administrator sign a user out and change a role', async () => {
    const [here, there] = [await newPage(), await newPage()];
    const email = newEmail();
    await enter(there, '/register', email, PASSWORD);
    await there.waitForURL('/account');
    await enter(here, '/login', 'admin@example.com', SAMPLE_PASSWORD);
    await here.waitForURL('/account');
    await here.getByRole('link', { name: 'Administration' }).click();
    await here.getByRole('img', { name: /^Lookups answered by a near copy/ }).waitFor();
    await here.getByRole('link', { name: /^See the users/ }).click();
    await here.getByRole('link', { name: email, exact: true }).click();

    await here.getByRole('button', { name: 'Sign out of all devices' }).click();
    await here.getByText('No device.').waitFor();
    await there.goto('/account');
    await there.waitForURL('/login');

    await here.getByRole('combobox', { name: 'Role' }).selectOption('Administrator');
    const form = here.getByRole('form', { name: 'Change role' });
    await form.getByLabel('Your own password').fill('not the password');
    await form.getByRole('button', { name: 'Change role' }).click();
    await form.getByText('This is not your password.').waitFor();
    await form.getByLabel('Your own password').fill(SAMPLE_PASSWORD);
    await form.getByRole('button', { name: 'Change role' }).click();
    await here.getByRole('button', { name: 'Sign in as this user' }).waitFor({ state: 'detached' });
  });

  it('lets an administrator sign in as a user after the own password, and stop', async () => {
    const page = await newPage();
    await enter(page, '/login', 'admin@example.com', SAMPLE_PASSWORD);
    await page.waitForURL('/account');
    await page.goto('/admin/users');
    await page.getByRole('link', { name: 'Sign in as ada@example.com' }).click();
    const form = page.getByRole('form', { name: 'Sign in as this user' });
    await form.getByLabel('Your own password').fill('not the password');
    await page.keyboard.press('Enter');
    await form.getByText('This is not your password.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/admin/users/sample-ada');

    await form.getByLabel('Your own password').fill(SAMPLE_PASSWORD);
    await form.getByRole('button', { name: 'Sign in as this user' }).click();
    await page.waitForURL('/account');
    await page.getByText('You are signed in as ada@example.com, in their place.').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.waitForURL('/login');
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

  it('says beside the field that a password is a common one', async () => {
    const page = await newPage();
    await enter(page, '/register', newEmail(), 'password123');

    await page.getByText('This password is guessed first').waitFor();
    expect(await page.getByLabel('Password').getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByRole('alert').filter({ hasText: 'password' }).count()).toBe(0);
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

  it('does what was asked for before the script of the page had loaded, and loses nothing', async () => {
    const page = await newPage();
    await enterEarly(page, 'not the password');
    await page.getByRole('alert').getByText('E-mail address or password is wrong.').waitFor();
    expect(await page.getByLabel('E-mail address').inputValue()).toBe('admin@example.com');
    expect(page.url()).toBe(`${server.origin}/login`);

    await enterEarly(page, SAMPLE_PASSWORD);
    await page.waitForURL('/account');
    await early(page, '/account', () => page.getByRole('button', { name: 'Sign out' }).click());
    await page.waitForURL('/');
  });

  const enterEarly = (page: Page, password: string): Promise<void> =>
    early(page, '/login', async () => {
      await page.getByLabel('E-mail address').fill('admin@example.com');
      await page.getByLabel('Password').fill(password);
      await page.keyboard.press('Enter');
    });

  /** Does it while the page is there and its scripts are not. */
  async function early(page: Page, path: string, act: () => Promise<void>): Promise<void> {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/_next/static/**/*.js', async (route) => {
      await released;
      await route.continue();
    });
    await page.goto(path, { waitUntil: 'commit' });
    await act();
    release();
  }

  it('goes on in the language of the switch, on a narrow phone too', async () => {
    const page = await newPage({ viewport: { width: 320, height: 640 } });
    await page.goto('/login');
    const html = page.locator('html');
    expect(await html.getAttribute('lang')).toBe('en');
    await page.getByRole('button', { name: 'Русский' }).click();
    await page.getByRole('heading', { name: 'Вход' }).waitFor();
    expect(page.url()).toBe(`${server.origin}/login`);

    await page.getByLabel('Электронная почта').fill('admin@example.com');
    await page.getByLabel('Пароль').fill('not the password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Неверный адрес или пароль.').waitFor();
    await page.getByLabel('Пароль').fill(SAMPLE_PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL('/account');
    await page.getByRole('link', { name: 'Устройства' }).click();
    await page.getByText('это устройство', { exact: true }).waitFor();
    // A navigation without a load sets the title after the page.
    await expect.poll(() => page.title()).toBe('Устройства · Sessions');
    expect(await html.getAttribute('lang')).toBe('ru');

    await page.goto('/admin');
    await page.getByRole('heading', { name: 'Администрирование' }).waitFor();
    expect(await html.evaluate((element) => element.scrollWidth)).toBe(320);
  });

  it('switches the language without a script, as on a page that is not there', async () => {
    const page = await newPage({ javaScriptEnabled: false, locale: 'ru-RU' });
    await page.goto('/nowhere?at=all');
    expect(await page.title()).toBe('Такой страницы нет · Sessions');
    await page.getByRole('button', { name: 'English' }).focus();
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    expect(page.url()).toBe(`${server.origin}/nowhere?at=all`);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');

    await page.getByRole('link', { name: 'Go to the start' }).click();
    const link = page.getByRole('link', { name: 'from the other' });
    expect(await link.getAttribute('href')).toBe('/account/sessions');
    expect(await link.locator('xpath=ancestor::p').textContent()).toBe(
      'Sign up or sign in, do the same in a second browser, and sign one out from the other.',
    );
  });
});
