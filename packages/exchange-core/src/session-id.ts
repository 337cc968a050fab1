import { randomBytes } from 'node:crypto';

/** Bytes of randomness in a sessionId: 256 bits, four times what OWASP asks for. */
const SESSION_ID_BYTES = 32;

/**
 * A new sessionId: 32 bytes from the system's generator, base64url, 43 characters.
 *
 * It is the secret that a visitor's cookie carries. Never log it; stores keep its digest only.
 */
export function generateSessionId(): string {
  return randomBytes(SESSION_ID_BYTES).toString('base64url');
}
