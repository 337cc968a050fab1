import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientAddress, parseTrustedProxies } from '../../src/web/client-address.ts';

const NONE = parseTrustedProxies([]);
const PROXIES = parseTrustedProxies(['10.0.0.0/8', '2001:db8:ffff::/48', '127.0.0.1']);
const from = (
  remoteAddress: string | undefined,
  forwardedFor?: string | string[],
  proxies = PROXIES,
) => clientAddress({ remoteAddress, forwardedFor }, proxies);

describe('clientAddress', () => {
  it.each([
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::ffff:102:304', '1.2.3.4'],
    ['1.2.3.4', '1.2.3.4'],
    ['1.2.3.4:5555', '1.2.3.4'],
    ['2001:DB8:0::1', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
    ['0x7f.1', '0.0.0.0'],
    ['127.1', '0.0.0.0'],
    ['010.0.0.1', '0.0.0.0'],
    ['javascript:1', '0.0.0.0'],
    ['', '0.0.0.0'],
    [undefined, '0.0.0.0'],
  ])('spells %s as %s', (remote, expected) => {
    expect(from(remote)).toBe(expected);
  });

  it('ignores the header without trusted proxies', () => {
    expect(from('9.9.9.9', '6.6.6.6', NONE)).toBe('9.9.9.9');
  });

  it('ignores the header of a peer that is no proxy of ours', () => {
    expect(from('9.9.9.9', '6.6.6.6')).toBe('9.9.9.9');
  });

  it.each([
    ['6.6.6.6, 9.9.9.9', '9.9.9.9'],
    ['6.6.6.6, 9.9.9.9, 10.1.1.1', '9.9.9.9'],
    ['9.9.9.9,10.1.1.1, 2001:db8:ffff::2', '9.9.9.9'],
    ['10.1.1.1, 10.1.1.2', '10.1.1.1'],
    ['junk, 9.9.9.9', '9.9.9.9'],
    ['9.9.9.9, javascript:1', '0.0.0.0'],
    ['', '10.0.0.1'],
    [' , ', '10.0.0.1'],
    [Array(300).fill('6.6.6.6').join(','), '6.6.6.6'],
  ])('behind a trusted proxy reads the header from the right (%#)', (header, expected) => {
    expect(from('10.0.0.1', header)).toBe(expected);
  });

  it('joins repeated headers in their order', () => {
    expect(from('10.0.0.1', ['6.6.6.6', '9.9.9.9'])).toBe('9.9.9.9');
  });

  it('trusts a proxy under its IPv4-mapped spelling too', () => {
    expect(from('::ffff:10.0.0.1', '9.9.9.9')).toBe('9.9.9.9');
  });

  it('never throws, and always gives an address', () => {
    fc.assert(
      fc.property(fc.string(), fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), (a, b) => {
        expect(from('10.0.0.1', `${a},${b}`)).toMatch(/^[\da-f.:]+$/);
        expect(from(b)).toMatch(/^[\da-f.:]+$/);
      }),
    );
  });
});

describe('parseTrustedProxies', () => {
  it.each(['10.0.0.0/99', 'proxy', '10.0.0', ''])('refuses %j and names it', (entry) => {
    expect(() => parseTrustedProxies(['10.0.0.1', entry])).toThrow(`"${entry}"`);
  });
});
