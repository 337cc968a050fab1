import fc from 'fast-check';
import { expect, it } from 'vitest';
import { networkOf } from '../../src/web/device-network.ts';

it.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['::ffff:cb00:7109', '203.0.113.9'],
  ['2001:db8:1:2::7', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2:FFFF:FFFF:FFFF:FFFF', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::7', '2001:db8:1:3::/64'],
  ['0.0.0.0', ''],
  ['::', ''],
  ['', ''],
  ['javascript:1', ''],
])('stands %s for %j', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

it('never throws, and says the same of every address of a network', () => {
  fc.assert(fc.property(fc.string(), (text) => networkOf(text).length <= 64));
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const network = networkOf(address);
      if (network.endsWith('/64'))
        expect(networkOf(network.slice(0, -3).replace(/::$/, '::1'))).toBe(network);
    }),
  );
});
