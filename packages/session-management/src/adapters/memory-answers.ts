import type { EndedSessions, NamedSession } from '../types/index.ts';
import type { SessionRow } from './memory-database.ts';

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
