import { describe, expect, it } from 'vitest';
import * as account from '../src/texts/account.ts';
import * as admin from '../src/texts/admin.ts';
import * as entry from '../src/texts/entry.ts';
import * as forms from '../src/texts/forms.ts';
import * as frame from '../src/texts/frame.ts';
import { SPEAKERS } from '../src/texts/speaker.ts';
import * as start from '../src/texts/start.ts';
import type { CountedText, Text } from '../src/texts/text.ts';

const { OF_LOOKUPS, ...adminTexts } = admin;
const { SIGNED_IN_ON, ...accountTexts } = account;

const GROUPS = { ...accountTexts, ...adminTexts, ...entry, ...forms, ...frame, ...start };
const COUNTED: Record<string, CountedText> = { OF_LOOKUPS, SIGNED_IN_ON };

const TEXTS = Object.entries(GROUPS).flatMap(([group, texts]) =>
  Object.entries<Text>(texts).map(([name, text]): [string, Text] => [`${group}.${name}`, text]),
);

const sorted = (words: string, pattern: RegExp) => (words.match(pattern) ?? []).sort();

describe('the texts of the pages', () => {
  it.each(TEXTS)('%s says the same in both languages', (_, { en, ru }) => {
    expect(en.trim()).toBe(en);
    expect(ru.trim()).toBe(ru);
    expect(en).not.toBe('');
    expect(ru).toMatch(/[а-яё]/i);
    for (const pattern of [/\{\w+\}/g, /<\/?\w+>/g]) {
      expect(sorted(ru, pattern)).toEqual(sorted(en, pattern));
    }
    expect(/[.?…:]$/.exec(ru)?.[0] === '.').toBe(/[.?…:]$/.exec(en)?.[0] === '.');
  });

  it.each(Object.entries(COUNTED))('%s says its number in every form', (_, { en, ru }) => {
    for (const form of [...Object.values(en), ...Object.values(ru)]) {
      expect(sorted(form, /\{\w+\}/g)).toEqual(['{count}']);
    }
  });

  it.each([
    [1, 'на 1 устройстве.', 'on 1 device.'],
    [2, 'на 2 устройствах.', 'on 2 devices.'],
    [11, 'на 11 устройствах.', 'on 11 devices.'],
    [21, 'на 21 устройстве.', 'on 21 devices.'],
    [1_234, 'на 1\u00a0234 устройствах.', 'on 1,234 devices.'],
  ])('go with the number %i', (count, russian, english) => {
    expect(SPEAKERS.ru.count(SIGNED_IN_ON, count)).toBe(`Вы вошли ${russian}`);
    expect(SPEAKERS.en.count(SIGNED_IN_ON, count)).toBe(`You are signed in ${english}`);
  });
});

describe('a speaker', () => {
  const { en, ru } = SPEAKERS;

  it('fills gaps once: what a visitor has typed is no text of ours', () => {
    const values = { name: '{ip} $& {name}', ip: '::1' };
    expect(en.fill(account.DEVICES.signOutNamed, values)).toBe('Sign out {ip} $& {name}, ::1');
  });

  it('says no text with its gaps open', () => {
    // @ts-expect-error -- its gaps are `name` and `ip`.
    const open = en.say(account.DEVICES.signOutNamed);
    // @ts-expect-error -- `ip` is missing.
    en.fill(account.DEVICES.signOutNamed, { name: 'Kitchen' });
    expect(open).toContain('{name}');
  });

  it('says instants and numbers as its language does', () => {
    const instant = new Date(Date.UTC(2026, 10, 25, 18, 2));
    expect(ru.instant(instant)).toMatch(/^25 нояб\. 2026\sг\., 18:02 UTC$/);
    expect(en.instant(instant)).toMatch(/^Nov 25, 2026, 6:02\sPM UTC$/);
    expect(ru.milliseconds(1.25)).toMatch(/^1,3\sмс$/);
    expect(en.milliseconds(1)).toBe('1.0 ms');
    expect(ru.percent(0.8)).toMatch(/^80\s%$/);
  });

  it.each([
    [-5_000, 'now', 'сейчас'],
    [999, 'now', 'сейчас'],
    [21_000, '21 seconds ago', '21 секунду назад'],
    [3 * 60_000, '3 minutes ago', '3 минуты назад'],
    [5 * 3_600_000, '5 hours ago', '5 часов назад'],
    [24 * 3_600_000, 'yesterday', 'вчера'],
  ])('says %i ms ago', (elapsed, english, russian) => {
    expect(en.ago(elapsed)).toBe(english);
    expect(ru.ago(elapsed)).toBe(russian);
  });
});
