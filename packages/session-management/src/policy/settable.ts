import type { SessionData } from '../types/index.ts';
import { isPresentable } from './session-id.ts';
import { isSessionData } from './session-record.ts';

/**
 * Refuses what could be written and never be read again.
 * @throws {TypeError} without naming the values.
 */
export function assertSettable(sessionId: unknown, data: SessionData): void {
  if (!isPresentable(sessionId)) {
    throw new TypeError('sessionId must be 1 to 255 characters that a cookie may carry');
  }
  if (!isSessionData(data)) {
    throw new TypeError(
      'session data must have user_id, created_at, expires_at and ip, each of its type',
    );
  }
}
