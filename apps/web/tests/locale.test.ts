import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { POST } from '../src/app/locale/[to]/route.ts';
import { localeCookie, localeFor, negotiateLocale } from '../src/server/locale.ts';
import { errorMessage } from '../src/server/messages.ts';
import { wayBack } from '../src/server/way-back.ts';

describe('the language of an answer', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de, fr', 'en'],
    ['ru', 'ru'],
    ['ru-RU,ru;q=0.9', 'ru'],
    ['RU', 'ru'],
    ['en;q=0.5, ru;q=0.8', 'ru'],
    ['en, ru', 'en'],
    ['ru, en', 'ru'],
    ['*', 'en'],
    ['ru;q=0', 'en'],
    ['ru;q=junk', 'en'],
    ['run', 'en'],
  ])('for %j is %s', (header, expected) => {
    expect(negotiateLocale(header)).toBe(expected);
  });

  it('is always one that we have', () => {
    fc.assert(fc.property(fc.string(), (text) => /^(en|ru)$/.test(negotiateLocale(text))));
  });

  it('has a text for every code, known or not', () => {
    for (const code of ['EMAIL_TAKEN', 'toString', '__proto__', '']) {
      expect(errorMessage(code, 'en')).toMatch(/\.$/);
      expect(errorMessage(code, 'ru')).toMatch(/[а-я].*\.$/);
    }
  });
});

describe('the chosen language', () => {
  it.each([
    ['ru', 'en', 'ru'],
    ['en', 'ru', 'en'],
    [undefined, 'ru', 'ru'],
    ['', 'ru', 'ru'],
    ['RU', undefined, 'en'],
    ['__proto__', 'ru', 'ru'],
  ])('by cookie %j and header %j is %s', (cookie, header, expected) => {
    expect(localeFor(cookie, header)).toBe(expected);
  });

  it('is kept for a year, and by https only where the site is', () => {
    const line = 'locale=ru; Path=/; Max-Age=31536000; SameSite=Lax';
    expect(localeCookie('ru', false)).toBe(line);
    expect(localeCookie('ru', true)).toBe(`${line}; Secure`);
  });

  it.each([
    [null, '/'],
    ['junk', '/'],
    ['mailto:ann@example.com', '/'],
    ['http://localhost/admin/users?after=a%20b', '/admin/users?after=a%20b'],
    ['https://evil.example/login#part', '/login'],
    ['http://localhost//evil.example', '/'],
    ['http://localhost/\\\\evil.example', '/'],
  ])('leads from %j back to %j', (referer, expected) => {
    expect(wayBack(referer)).toBe(expected);
  });

  it('never leads to another site', () => {
    const piece = fc.constantFrom('/', '\\', '.', '..', '?', '#', '@', ':', '\t', '%2f', 'evil');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const back = wayBack(`http://ours${pieces.join('')}`);
        expect(new URL(back, 'http://ours').origin).toBe('http://ours');
      }),
    );
  });
});

describe('the switch', () => {
  const press = (to: string, headers: Record<string, string>) =>
    POST(new Request(`http://localhost/locale/${to}`, { method: 'POST', headers }), {
      params: Promise.resolve({ to }),
    });

  it('keeps the choice and goes back to where it was made', async () => {
    const answer = await press('ru', { Referer: 'http://localhost/login' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/login');
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^locale=ru; Path=\//)]);
    expect(answer.headers.get('cache-control')).toContain('no-store');
  });

  it('knows no other language', async () => {
    const answer = await press('de', {});
    expect(answer.status).toBe(404);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('is not pressed by another site', async () => {
    const answer = await press('ru', { 'Sec-Fetch-Site': 'cross-site' });
    expect(answer.status).toBe(403);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });
});
