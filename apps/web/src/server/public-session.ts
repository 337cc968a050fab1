import type { SessionListEntry } from '@repo/session-management';

/** What an answer says about a session. Instants in milliseconds since the epoch. */
export function publicSession(session: SessionListEntry) {
  const { id, device, label, ip, createdAt, lastSeenAt, expiresAt, current } = session;
  return { handle: id, device, label, ip, createdAt, lastSeenAt, expiresAt, current };
}
