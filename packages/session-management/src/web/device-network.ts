import ipaddr from 'ipaddr.js';

/** What one connection is usually given of IPv6, in bits. */
const IPV6_BITS = 64;

/**
 * The network that an address stands for when addresses are compared: an IPv4 address is its own,
 * of IPv6 the first 64 bits. One spelling for each; an address inside IPv6 counts as IPv4. Empty for
 * `0.0.0.0` and whatever is no address: nothing is known.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return '';
  const read = ipaddr.process(address);
  if (read.range() === 'unspecified') return '';
  if (read instanceof ipaddr.IPv4) return read.toString();
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${read.toString()}/${IPV6_BITS}`);
  return `${network.toRFC5952String()}/${IPV6_BITS}`;
}
