import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDevice } from '../../src/web/device.ts';
import { getUserAgent } from '../../src/web/user-agent.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
const EDGE =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0';

describe('getUserAgent', () => {
  it('reads Node and Fetch headers alike', () => {
    expect(getUserAgent({ 'user-agent': FIREFOX })).toBe(FIREFOX);
    expect(getUserAgent(new Headers({ 'User-Agent': FIREFOX }))).toBe(FIREFOX);
  });

  it.each([{}, { 'user-agent': '' }, { 'user-agent': ' \t ' }])('finds none in %j', (headers) => {
    expect(getUserAgent(headers)).toBeUndefined();
  });

  it('gives text that is well-formed, free of control characters and at most 512 long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), fc.nat(600), (text, pad) => {
        const got = getUserAgent({ 'user-agent': `${'a'.repeat(pad)}${text}\0\ud800` }) ?? '';
        expect(got.length).toBeLessThanOrEqual(512);
        expect(got).not.toMatch(/[\p{Cc}\p{Surrogate}]/u);
      }),
    );
  });
});

describe('describeDevice', () => {
  it.each([
    [FIREFOX, 'Firefox on Linux'],
    [SAFARI, 'Safari on iOS'],
    [EDGE, 'Microsoft Edge on Windows'],
    ['curl/8.5.0', 'Unknown device'],
    ['', 'Unknown device'],
    [null, 'Unknown device'],
  ])('calls %s %s', (userAgent, expected) => {
    expect(describeDevice(userAgent)).toBe(expected);
  });

  it('gives each device its own name, also when asked again in another order', () => {
    const names = [FIREFOX, SAFARI, EDGE, 'curl/8.5.0'].map(describeDevice);
    const again = ['curl/8.5.0', EDGE, SAFARI, FIREFOX].map(describeDevice);
    expect(again).toEqual(names.toReversed());
    expect(new Set(names).size).toBe(4);
  });

  it('never throws and stays short', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `${FIREFOX} ${text}`),
        ),
        (text) => {
          expect(describeDevice(text).length).toBeLessThanOrEqual(64);
        },
      ),
    );
  });
});
