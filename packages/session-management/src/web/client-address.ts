import ipaddr from 'ipaddr.js';

/** Addresses of our own proxies, parsed once. */
export type TrustedProxies = readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];

export interface ClientHeaders {
  /** Peer of the connection. */
  remoteAddress: string | undefined;
  /** `X-Forwarded-For`, as received. */
  forwardedFor: string | readonly string[] | null | undefined;
}

/** Stands for "not known": no peer, or a trusted proxy forwarded something that is no address. */
export const UNKNOWN_ADDRESS = '0.0.0.0';

/**
 * @param entries - Addresses or CIDR ranges of the proxies before this application.
 * @throws {TypeError} naming the first entry that is neither.
 */
export function parseTrustedProxies(entries: readonly string[]): TrustedProxies {
  return entries.map((entry) => {
    if (ipaddr.IPv6.isValidCIDR(entry) || ipaddr.IPv4.isValidCIDRFourPartDecimal(entry)) {
      return ipaddr.parseCIDR(entry);
    }
    const address = parseAddress(entry);
    if (address === null) throw new TypeError(`"${entry}" is no IP address and no CIDR range`);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  });
}

/**
 * The client's address in one spelling: IPv4 dotted, IPv6 by RFC 5952, no port, brackets or zone;
 * IPv4 inside IPv6 as IPv4.
 *
 * `X-Forwarded-For` is believed only as far as trusted proxies wrote it: from the right, past each
 * trusted address, to the first that is not ours. Junk there gives {@link UNKNOWN_ADDRESS}.
 */
export function clientAddress(headers: ClientHeaders, trusted: TrustedProxies): string {
  const forwarded = [headers.forwardedFor ?? []].flat().join(',').split(',');
  const chain = [...forwarded.filter((entry) => entry.trim() !== ''), headers.remoteAddress ?? ''];

  let nearest = UNKNOWN_ADDRESS;
  for (const entry of chain.reverse()) {
    const address = parseAddress(entry);
    if (address === null) return UNKNOWN_ADDRESS;
    nearest = spell(address);
    if (!isTrusted(address, trusted)) return nearest;
  }
  return nearest;
}

function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/%.*$/s, '');
  const v4 = bare.replace(/^([\d.]+):\d+$/, '$1');
  if (ipaddr.IPv4.isValidFourPartDecimal(v4)) return ipaddr.IPv4.parse(v4);
  return ipaddr.IPv6.isValid(bare) ? ipaddr.process(bare) : null;
}

function spell(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

function isTrusted(address: ipaddr.IPv4 | ipaddr.IPv6, trusted: TrustedProxies): boolean {
  return trusted.some(([net, bits]) => net.kind() === address.kind() && address.match(net, bits));
}
