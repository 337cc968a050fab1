import { isExpired } from '../policy/expiry.ts';
import { keptUser } from '../policy/user.ts';
import type {
  EndedSessions,
  LiveSession,
  NamedSession,
  RecordAnswer,
  SessionCopy,
  UserCopy,
} from '../types/index.ts';
import type { MemoryDatabase, UserRow } from './memory-database.ts';
import { digestsOf, inGrace, type SessionRow } from './memory-sessions.ts';

export const NOTHING: EndedSessions = { count: 0, digests: [], ended: [] };

export function endedOf(sessions: readonly SessionRow[]): EndedSessions {
  const digests = sessions.flatMap(digestsOf);
  return { count: sessions.length, digests, ended: sessions.map(nameOf) };
}

export function nameOf({ handle, realm, userId }: SessionRow): NamedSession {
  return { userId, realm, handle };
}

export function newestFirst(one: SessionRow, other: SessionRow): number {
  return other.createdAt - one.createdAt || (one.handle < other.handle ? 1 : -1);
}

export function userCopyOf({ user, version }: UserRow): UserCopy {
  return { user: keptUser(user), version };
}

export function sessionCopyOf(
  session: SessionRow,
  { roleVersion, user, version: userVersion }: UserRow,
  confirmedAt: number,
): SessionCopy {
  const {
    stamp: _stamp,
    idVersion,
    lastSeenAt: _seen,
    label: _label,
    revokedAt: _at,
    revokedReason: _why,
    previousDigest,
    rotatedAt: _when,
    ...copied
  } = session;
  const lastLoginAt = user.lastLoginAt?.getTime() ?? null;
  const copy: SessionCopy = { ...copied, userVersion, lastLoginAt, confirmedAt };
  if (copied.digest === previousDigest) copy.inGrace = true;
  else if (roleVersion > idVersion) copy.rotationDue = true;
  return copy;
}

export function liveSessionOf(session: SessionRow, row: UserRow, now: number): LiveSession {
  return { session: sessionCopyOf(session, row, now), user: userCopyOf(row) };
}

/** What the record says of a digest, present or previous. */
export async function answerOf(db: MemoryDatabase, digest: string): Promise<RecordAnswer> {
  const named = db.sessionNamed(digest);
  const owner = named ? await db.rowOf(named.userId) : null;
  if (!named || owner === null) return { state: 'unknown' };
  if (!db.isLive(named, owner)) return endedAnswer(db, named);

  const session = named.digest === digest ? named : inGrace(named, db.now());
  if (session === null) return { state: 'past-grace', session: nameOf(named) };
  return { state: 'live', live: liveSessionOf(session, owner, db.now()) };
}

function endedAnswer(db: MemoryDatabase, session: SessionRow): RecordAnswer {
  const revoked = session.revokedAt !== null || !isExpired(session.expiresAt, db.now());
  if (revoked) return { state: 'revoked' };
  return { state: 'expired', session: nameOf(session), agoMs: db.now() - session.expiresAt };
}
