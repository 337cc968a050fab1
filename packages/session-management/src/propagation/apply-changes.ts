import { namesOf } from '../policy/key-names.ts';
import {
  type FastStoreMasters,
  hasCode,
  type KeyNames,
  type KeyNamesSource,
  type OutboxRow,
  type SessionCopies,
  type SessionCopy,
  type SessionRecords,
  type UserCopies,
  type UserCopy,
  type UserRecords,
} from '../types/index.ts';

export interface ApplyParts {
  records: Pick<SessionRecords, 'read'>;
  users: Pick<UserRecords, 'snapshot'>;
  sessionCopies: SessionCopies;
  userCopies: UserCopies;
  masters: Pick<FastStoreMasters, 'ownerOf'>;
  names: KeyNamesSource;
  /** What this process learns on the way. */
  learn: {
    sessionEnded(digest: string): void;
    sessionChanged(digest: string, version: number): void;
    userChanged(copy: UserCopy): void;
  };
}

/** A row whose key is written, and the master that took it. */
export type CarriedRow = OutboxRow & { master: string };

/** How long an extension may be under way that began before the end, in milliseconds. */
const UNDER_WAY = 1_000;
/** Users that are read at once. */
const AT_ONCE = 4;

/**
 * Brings copies to the present state of what the rows name: reads it now, so that rows may be applied in
 * any order, twice, and by any process. Gives those that a master has taken; one that does not answer
 * keeps back no row of another. A session that has only just expired is left for later: an extension that
 * began before may be committed yet, and nothing takes a tombstone back.
 *
 * @throws {SessionStoreUnavailableError} of the record.
 */
export async function applyChanges(
  parts: ApplyParts,
  rows: readonly OutboxRow[],
): Promise<CarriedRow[]> {
  const sessions = await writesOfSessions(parts, rows);
  const carried = await Promise.all(
    rows.flatMap((row) => {
      const write = sessions.get(row.key);
      return row.kind === 'session' && write !== undefined ? [carry(parts, row, write)] : [];
    }),
  );
  const waiting = rows.filter(({ kind }) => kind === 'user');
  // A few at a time: the pool is for those who wait for an answer.
  while (waiting.length > 0) {
    const some = waiting.splice(0, AT_ONCE);
    carried.push(...(await Promise.all(some.map((row) => carryUser(parts, row)))));
  }
  return carried.flatMap((row) => row ?? []);
}

type Write = () => Promise<void>;

/** What is to be written of each session, by digest. */
async function writesOfSessions(
  { learn, records, sessionCopies }: ApplyParts,
  rows: readonly OutboxRow[],
): Promise<Map<string, Write>> {
  const sessions = rows.filter(({ kind }) => kind === 'session');
  const answers = await records.read([...new Set(sessions.map(({ key }) => key))]);
  const writes = new Map<string, Write>();
  for (const { key, realm } of sessions) {
    const answer = answers.get(key);
    if (answer?.state === 'live') {
      const { session } = answer.live;
      learn.sessionChanged(key, session.version);
      writes.set(key, () => follow(sessionCopies, session));
    } else if (answer?.state !== 'expired' || answer.agoMs > UNDER_WAY) {
      learn.sessionEnded(key);
      writes.set(key, () => sessionCopies.end([key], realm ?? 'web'));
    }
  }
  return writes;
}

/** One in its grace is put where no copy is, too: it keeps out what was read before the rotation. */
function follow(copies: SessionCopies, session: SessionCopy): Promise<void> {
  return session.inGrace ? copies.put(session) : copies.replace(session);
}

async function carryUser(parts: ApplyParts, row: OutboxRow): Promise<CarriedRow | null> {
  const { learn, userCopies, users } = parts;
  const snapshot = await users.snapshot(row.key);
  if (snapshot.copy === null) {
    return await carry(parts, row, () => userCopies.end(row.key, snapshot.version));
  }
  const { copy } = snapshot;
  learn.userChanged(copy);
  return await carry(parts, row, () => userCopies.put(copy));
}

/** `null` where no master has taken it, or nobody knows which. */
async function carry(
  { masters, names }: ApplyParts,
  row: OutboxRow,
  write: Write,
): Promise<CarriedRow | null> {
  let key: string;
  let master: string | null;
  try {
    key = keyOf(row, namesOf(names));
    master = masters.ownerOf(key);
    await write();
  } catch (error) {
    if (!hasCode(error, 'STORE_UNAVAILABLE')) throw error;
    return null;
  }
  return master !== null && masters.ownerOf(key) === master ? { ...row, master } : null;
}

function keyOf({ key, kind, realm }: OutboxRow, names: KeyNames): string {
  return kind === 'user' ? names.user(key) : names.session(key, realm ?? undefined);
}
