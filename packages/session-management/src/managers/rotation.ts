import { rotatedMaxAge } from '../policy/log-in-life.ts';
import { policyOf } from '../policy/realm-policy.ts';
import { digestOf, isPresentable } from '../policy/session-id.ts';
import { sessionOf } from '../policy/session-view.ts';
import type {
  LiveSession,
  ManagerParts,
  RealmPolicy,
  RotatedSession,
  SessionRotation,
} from '../types/index.ts';

type RotatingParts = Pick<ManagerParts, 'newSessionId' | 'policies' | 'rotator' | 'takeOver'>;

/** Gives what a visitor presented the next sessionId; a session of the document's design becomes one of ours first. */
export async function rotatedSession(
  { newSessionId, policies, rotator, takeOver }: RotatingParts,
  realm: string,
  sessionId: string,
): Promise<SessionRotation> {
  if (!sessionId) return { rotated: false, reason: 'absent' };
  if (!isPresentable(sessionId)) return { rotated: false, reason: 'malformed' };
  const next = newSessionId();
  const [from, to] = [digestOf(sessionId, realm), digestOf(next, realm)];
  const fault = await takeOver(sessionId, from, realm);
  const rotation = await rotator.rotate(from, to);
  if (rotation.state === 'unknown' && fault !== null) throw fault;
  if (rotation.state !== 'rotated') return { rotated: false, reason: rotation.state };
  return { rotated: true, ...rotatedOf(next, rotation.live, policyOf(policies, realm)) };
}

/** A rotated session as its visitor's cookie needs it. */
export function rotatedOf(
  sessionId: string,
  live: LiveSession,
  policy: RealmPolicy,
): RotatedSession {
  return {
    sessionId,
    maxAgeSeconds: rotatedMaxAge(policy, live),
    session: sessionOf(live.session),
  };
}
