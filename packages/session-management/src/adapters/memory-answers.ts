import { safeUser } from '../policy/user.ts';
import type {
  EndedSessions,
  LiveSession,
  NamedSession,
  SessionCopy,
  UserCopy,
} from '../types/index.ts';
import type { SessionRow, UserRow } from './memory-database.ts';

export const NOTHING: EndedSessions = { count: 0, digests: [], ended: [] };

export function endedOf(sessions: readonly SessionRow[]): EndedSessions {
  const digests = sessions.map(({ digest }) => digest);
  return { count: sessions.length, digests, ended: sessions.map(nameOf) };
}

export function nameOf({ handle, realm, userId }: SessionRow): NamedSession {
  return { userId, realm, handle };
}

export function newestFirst(one: SessionRow, other: SessionRow): number {
  return other.createdAt - one.createdAt || (one.handle < other.handle ? 1 : -1);
}

export function userCopyOf(row: UserRow, confirmedAt: number): UserCopy {
  const { sessionEpoch, user, version } = row;
  return { user: safeUser(user), version, sessionEpoch, confirmedAt };
}

export function sessionCopyOf(session: SessionRow, confirmedAt: number): SessionCopy {
  const {
    lastSeenAt: _seen,
    label: _label,
    revokedAt: _at,
    revokedReason: _why,
    ...copied
  } = session;
  return { ...copied, confirmedAt };
}

export function liveSessionOf(session: SessionRow, row: UserRow, now: number): LiveSession {
  return { session: sessionCopyOf(session, now), user: userCopyOf(row, now) };
}
