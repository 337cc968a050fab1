import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationToMs, msToDuration } from '../../src/policy/duration.ts';
import { isExpired, ttlToMs } from '../../src/policy/expiry.ts';
import { digestOf, isPresentable } from '../../src/policy/session-id.ts';
import { cleanText } from '../../src/policy/text.ts';
import { hasCode } from '../../src/types/index.ts';

describe('lifetimes', () => {
  it.each([1, 60, 604_800, 3_155_760_000])('takes %d seconds', (ttl) => {
    expect(ttlToMs(ttl)).toBe(ttl * 1_000);
  });

  it.each([0, -1, 0.5, Number.NaN, Infinity, -Infinity, 1e12, '60', null, undefined, {}])(
    'refuses %s as a ttl',
    (ttl) => {
      expect(() => ttlToMs(ttl)).toThrow(expect.objectContaining({ code: 'TTL_INVALID' }));
    },
  );

  it('counts the exact instant as expired', () => {
    expect([isExpired(100, 99), isExpired(100, 100), isExpired(100, 101)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it.each(['1500ms', '90s', '15m', '12h', '30d'])('writes %s as it was read', (text) => {
    expect(msToDuration(durationToMs(text) ?? 0)).toBe(text);
  });

  it.each<[number | string, number | null]>([
    [90, 90_000],
    ['90', 90_000],
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
    ['0', null],
    ['', null],
    ['1w', null],
    ['-5m', null],
    [1.5, null],
    ['1e3', null],
  ])('reads the duration %s as %s ms', (value, ms) => {
    expect(durationToMs(value)).toBe(ms);
  });
});

describe('sessionIds', () => {
  it('stores SHA-256 in base64url, the same in realm web with and without its name', () => {
    const expected = createHash('sha256').update('abc').digest('base64url');
    expect(digestOf('abc')).toBe(expected);
    expect(digestOf('abc', 'web')).toBe(expected);
    expect(digestOf('abc')).toHaveLength(43);
  });

  it('gives an id of one realm another digest and key in every other', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.constantFrom('admin', 'mobile'), (id, realm) => {
        expect(digestOf(id, realm)).not.toBe(digestOf(id));
      }),
    );
  });

  it.each([
    '',
    ' ',
    '%20 ',
    'a b',
    'a;b',
    'a,b',
    'a"b',
    'a\\b',
    'a\0b',
    'é',
    'x'.repeat(256),
    undefined,
    null,
    {},
    [],
    7,
  ])('does not look up %j', (value) => {
    expect(isPresentable(value)).toBe(false);
  });

  it.each(['a', 'test-session-1', '*', '../x', 'undefined', 'x'.repeat(255), 'a=b%20'])(
    'may look up %j, which a cookie can carry',
    (value) => {
      expect(isPresentable(value)).toBe(true);
    },
  );
});

describe('text from outside', () => {
  it('is free of control characters, well-formed and bounded, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (text) => {
        const clean = cleanText(text, 512);
        expect(clean.length).toBeLessThanOrEqual(512);
        expect(clean).not.toMatch(/\p{Cc}|\p{Surrogate}/u);
      }),
    );
    expect(cleanText('a\0b\ud800', 9)).toBe('ab\ufffd');
  });
});

describe('errors', () => {
  it('are recognised by code, not by class', () => {
    const foreign = Object.assign(new Error('x'), { code: 'STORE_UNAVAILABLE' });
    expect(hasCode(foreign, 'STORE_UNAVAILABLE')).toBe(true);
    expect(hasCode(Object.assign(new Error('x'), { code: 'P2002' }), 'EMAIL_TAKEN')).toBe(false);
    expect(hasCode('STORE_UNAVAILABLE', 'STORE_UNAVAILABLE')).toBe(false);
  });
});
