import { hasCode, type RotatedSession, type SessionManagerInterface } from '../types/index.ts';
import type { SessionState } from './request-session.ts';

/**
 * Rotates the session of a request if that is due, since its user's role has changed.
 *
 * Call it where the answer can still set a cookie and the sessionId came by one. Of requests at once one
 * rotates. While no store can say, nothing is due: the next request tries again.
 *
 * @param renew - Sets the cookie. Called before this resolves, and only if the session has rotated.
 * @returns The state with the sessionId that is in use from here on.
 */
export async function rotateIfDue(
  manager: Pick<SessionManagerInterface, 'rotateSession'>,
  state: SessionState,
  renew: (rotated: RotatedSession) => void,
): Promise<SessionState> {
  if (state.sessionStatus !== 'active' || !state.session.rotationDue) return state;
  try {
    const rotation = await manager.rotateSession(state.sessionId);
    if (!rotation.rotated) return state;
    renew(rotation);
    return { ...state, session: rotation.session, sessionId: rotation.sessionId };
  } catch (error) {
    if (!hasCode(error, 'STORE_UNAVAILABLE')) throw error;
    return state;
  }
}
