import type { ChangeUserOptions, RecordAnswer, Rotated, Rotation } from '../types/index.ts';
import { answerOf, liveSessionOf, sessionCopyOf } from './memory-answers.ts';
import type { MemoryDatabase, UserRow } from './memory-database.ts';
import { inGrace, type SessionRow } from './memory-sessions.ts';

const PAST_GRACE: Rotation = { state: 'revoked' };

/** Rotates a live session that has this digest now. Said twice, one rotation. */
export async function rotate(db: MemoryDatabase, digest: string, next: string): Promise<Rotation> {
  const session = db.session(digest);
  const owner = session ? await db.rowOf(session.userId) : null;
  if (session && owner !== null && db.isLive(session, owner)) {
    return rotated(db, session, owner, db.rotate(session, owner, next)) ?? PAST_GRACE;
  }

  const answer = await answerOf(db, digest);
  if (answer.state !== 'live') return { state: refusalOf(answer.state) };
  const named = db.session(next);
  const again = named?.previousDigest === digest ? await db.rowOf(named.userId) : null;
  if (!named || again === null) return { state: 'in-grace' };
  return rotated(db, named, again, []) ?? PAST_GRACE;
}

/** The kept session of a user, rotated; `null` where none lives under this handle in this realm. */
export function rotateKept(
  db: MemoryDatabase,
  owner: UserRow,
  { keepHandle, next }: ChangeUserOptions,
): Rotated | null {
  const kept = db
    .liveSessionsOf(owner)
    .find(({ handle, realm }) => handle === keepHandle && realm === next?.realm);
  if (kept === undefined || next === undefined) return null;
  return rotated(db, kept, owner, db.rotate(kept, owner, next.digest));
}

/** A row that was rotated; `null` when its grace is over already. */
function rotated(
  db: MemoryDatabase,
  session: SessionRow,
  owner: UserRow,
  ended: string[],
): Rotated | null {
  const now = db.now();
  const before = inGrace(session, now);
  if (before === null) return null;
  return {
    state: 'rotated',
    live: liveSessionOf(session, owner, now),
    before: sessionCopyOf(before, owner, now),
    ended,
  };
}

function refusalOf(
  state: Exclude<RecordAnswer['state'], 'live'>,
): 'expired' | 'revoked' | 'unknown' {
  return state === 'past-grace' ? 'revoked' : state;
}
