import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negotiateLocale } from '../src/server/locale.ts';
import { errorMessage } from '../src/server/messages.ts';

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
