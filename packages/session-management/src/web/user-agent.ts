import type { IncomingHttpHeaders } from 'node:http';

const MOST_CHARACTERS = 512;

/**
 * The client's `User-Agent`, fit to be stored: well-formed, without control characters, at most
 * 512 characters. `undefined` where there is none.
 */
export function getUserAgent(headers: IncomingHttpHeaders | Headers): string | undefined {
  const sent = headers instanceof Headers ? headers.get('user-agent') : headers['user-agent'];
  const plain = sent?.replace(/\p{Cc}/gu, '').slice(0, MOST_CHARACTERS);
  // Lone surrogates only: with the flag `u`, a pair is one character of another class.
  return plain?.replace(/\p{Surrogate}/gu, '\uFFFD').trim() || undefined;
}
