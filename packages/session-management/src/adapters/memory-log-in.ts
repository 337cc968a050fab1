import type { NewSession } from '../types/index.ts';
import type { MemoryDatabase, UserRow } from './memory-database.ts';
import type { SessionRow } from './memory-sessions.ts';

/** What the log-in asks for, by the terms of its user's role. */
export function askedOf(asked: NewSession, { user }: UserRow): NewSession {
  return { ...asked, ...asked.termsOfRole[user.role] };
}

export function insertSession(
  db: MemoryDatabase,
  { absoluteMs, digest, handle, ip, realm, ttlMs, userAgent, userId }: NewSession,
  { counter, version }: UserRow,
): SessionRow {
  const now = db.now();
  return db.insert({
    ...{ digest, handle, userId, realm, ip, userAgent },
    createdAt: now,
    authenticatedAt: now,
    lastSeenAt: now,
    expiresAt: now + Math.min(ttlMs, absoluteMs),
    absoluteExpiresAt: now + absoluteMs,
    stamp: counter,
    idVersion: version,
  });
}
