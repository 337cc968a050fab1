import { hasCode } from '../types/index.ts';

/**
 * Opens a session. Whether an unanswered commit happened is found out by saying it again: one digest,
 * one session. One that somebody has ended in between was opened for nobody, so the caller hears what
 * it would have heard without that: nobody knows, set no cookie.
 *
 * @throws {SessionStoreUnavailableError} at the second time.
 */
export async function saidAgain<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (unanswered) {
    if (!hasCode(unanswered, 'STORE_UNAVAILABLE')) throw unanswered;
    try {
      return await open();
    } catch (error) {
      throw hasCode(error, 'SESSION_REVOKED') ? unanswered : error;
    }
  }
}
