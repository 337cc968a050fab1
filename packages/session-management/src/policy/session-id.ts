import { hash } from 'node:crypto';
import { DEFAULT_REALM } from './limits.ts';

/** Marks a value of `User.sessionId` that is a digest already. */
export const DIGEST_PREFIX = 'sha256:';

/** RFC 6265 cookie-octet, 1 to 255 of them: anything else cannot be a sessionId of ours or of an older system. */
const PRESENTABLE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,255}$/;

/** Longest sessionId, in characters. */
const LONGEST = 255;

/** Whether a value is short enough text to be worth a digest. */
export function isText(sessionId: unknown): sessionId is string {
  return typeof sessionId === 'string' && sessionId.length <= LONGEST;
}

/** Whether a value may be looked up at all. What is not touches no store. */
export function isPresentable(sessionId: unknown): sessionId is string {
  return typeof sessionId === 'string' && PRESENTABLE.test(sessionId);
}

/**
 * The only form of a sessionId at rest: SHA-256, base64url, 43 characters.
 *
 * Salted by the realm's name outside `web`, so that an id of another realm is unknown in every
 * tier by construction.
 */
export function digestOf(sessionId: string, realm: string = DEFAULT_REALM): string {
  const text = realm === DEFAULT_REALM ? sessionId : `${realm}:${sessionId}`;
  return hash('sha256', text, 'base64url');
}
