import type { RecordAnswer, Rotation } from '../types/index.ts';
import { answerOf, liveSessionOf, sessionCopyOf } from './memory-answers.ts';
import type { MemoryDatabase, UserRow } from './memory-database.ts';
import { inGrace, type SessionRow } from './memory-sessions.ts';

/** Rotates a live session that has this digest now. Said twice, one rotation. */
export async function rotate(db: MemoryDatabase, digest: string, next: string): Promise<Rotation> {
  const session = db.session(digest);
  const owner = session ? await db.rowOf(session.userId) : null;
  if (session && owner !== null && db.isLive(session, owner)) {
    return rotated(db, session, owner, db.rotate(session, owner, next));
  }

  const answer = await answerOf(db, digest);
  if (answer.state !== 'live') return { state: refusalOf(answer.state) };
  const named = db.session(next);
  const again = named?.previousDigest === digest ? await db.rowOf(named.userId) : null;
  return named && again !== null ? rotated(db, named, again, []) : { state: 'in-grace' };
}

function rotated(
  db: MemoryDatabase,
  session: SessionRow,
  owner: UserRow,
  ended: string[],
): Rotation {
  const now = db.now();
  const before = inGrace(session, now);
  if (before === null) return { state: 'revoked' };
  return {
    state: 'rotated',
    live: liveSessionOf(session, owner, now),
    before: sessionCopyOf(before, now),
    ended,
  };
}

function refusalOf(
  state: Exclude<RecordAnswer['state'], 'live'>,
): 'expired' | 'revoked' | 'unknown' {
  return state === 'past-grace' ? 'revoked' : state;
}
