import { type Life, renewedLife } from '../policy/renewal.ts';
import type { Renewal, SessionCopy } from '../types/index.ts';
import { sessionCopyOf } from './memory-answers.ts';
import type { MemoryDatabase, UserRow } from './memory-database.ts';
import type { SessionRow } from './memory-sessions.ts';

/** What the use of sessions changes in the record of mock mode. Each is one piece of exclusive work. */

export async function touchSessions(
  db: MemoryDatabase,
  handles: readonly string[],
  everyMs: number,
): Promise<void> {
  for (const { session } of await liveByHandle(db, handles)) {
    if (db.now() - session.lastSeenAt >= everyMs) session.lastSeenAt = db.now();
  }
}

/** Forward, the copies need not learn of it and the version stays; drawn in, they must. */
export async function renewSessions(
  db: MemoryDatabase,
  due: readonly Renewal[],
): Promise<SessionCopy[]> {
  const rules = new Map(due.map((renewal) => [renewal.handle, renewal]));
  const now = db.now();
  const renewed: SessionCopy[] = [];
  for (const { owner, session } of await liveByHandle(db, [...rules.keys()])) {
    const rule = rules.get(session.handle);
    const life = rule === undefined ? null : renewedLife(session, rule, now);
    if (life === null) continue;
    if (isDrawnIn(session, life)) session.version = db.nextVersion();
    Object.assign(session, life, { lastSeenAt: now });
    renewed.push(sessionCopyOf(session, owner, now));
  }
  return renewed;
}

function isDrawnIn(from: Life, to: Life): boolean {
  return to.expiresAt < from.expiresAt || to.absoluteExpiresAt < from.absoluteExpiresAt;
}

function liveByHandle(db: MemoryDatabase, handles: readonly string[]): Promise<OwnedSession[]> {
  const wanted = new Set(handles);
  return liveWhere(db, ({ handle }) => wanted.has(handle));
}

interface OwnedSession {
  session: SessionRow;
  owner: UserRow;
}

/** The live ones of those chosen. */
export async function liveWhere(
  db: MemoryDatabase,
  chosen: (session: SessionRow) => boolean,
): Promise<OwnedSession[]> {
  const live: OwnedSession[] = [];
  for (const session of db.sessionsWhere(chosen)) {
    const owner = await db.rowOf(session.userId);
    if (owner !== null && db.isLive(session, owner)) live.push({ session, owner });
  }
  return live;
}
