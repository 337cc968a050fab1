import type {
  LiveSession,
  OutboxItem,
  SessionCopies,
  SessionCopy,
  SessionRecords,
  UserCopies,
  UserCopy,
  UserRecords,
} from '../types/index.ts';

export interface ApplyParts {
  records: Pick<SessionRecords, 'read'>;
  users: Pick<UserRecords, 'snapshot'>;
  sessionCopies: SessionCopies;
  userCopies: UserCopies;
  /** What this process learns on the way. */
  learn: {
    sessionEnded(digest: string): void;
    sessionChanged(digest: string, version: number): void;
    userChanged(copy: UserCopy): void;
  };
}

/** Users that are read at once. */
const AT_ONCE = 4;

/**
 * Brings copies to the present state of what the rows name: reads it now, so that rows may be
 * applied in any order, twice, and by any process.
 */
export async function applyChanges(parts: ApplyParts, items: readonly OutboxItem[]): Promise<void> {
  const sessions = items.filter(({ kind }) => kind === 'session');
  const users = new Set(items.filter(({ kind }) => kind === 'user').map(({ key }) => key));
  await applySessions(parts, sessions);
  const waiting = [...users];
  // A few at a time: the pool is for those who wait for an answer.
  while (waiting.length > 0) {
    await Promise.all(waiting.splice(0, AT_ONCE).map((userId) => applyUser(parts, userId)));
  }
}

async function applySessions(parts: ApplyParts, items: readonly OutboxItem[]): Promise<void> {
  if (items.length === 0) return;
  const realms = new Map(items.map(({ key, realm }) => [key, realm ?? 'web']));
  const answers = await parts.records.read([...realms.keys()]);

  const live: LiveSession[] = [];
  const gone = new Map<string, string[]>();
  for (const [digest, realm] of realms) {
    const answer = answers.get(digest);
    if (answer?.state === 'live') live.push(answer.live);
    else gone.set(realm, [...(gone.get(realm) ?? []), digest]);
  }

  for (const digest of [...gone.values()].flat()) parts.learn.sessionEnded(digest);
  for (const { session } of live) parts.learn.sessionChanged(session.digest, session.version);
  await Promise.all([
    ...live.map(({ session }) => carry(parts.sessionCopies, session)),
    ...[...gone].map(([realm, digests]) => parts.sessionCopies.end(digests, realm)),
  ]);
}

/** One in its grace is put where no copy is, too: it keeps out what was read before the rotation. */
function carry(copies: SessionCopies, session: SessionCopy): Promise<void> {
  return session.inGrace ? copies.put(session) : copies.replace(session);
}

async function applyUser(parts: ApplyParts, userId: string): Promise<void> {
  const snapshot = await parts.users.snapshot(userId);
  if (snapshot.copy === null) {
    await parts.userCopies.end(userId, snapshot.version);
    return;
  }
  parts.learn.userChanged(snapshot.copy);
  await parts.userCopies.put(snapshot.copy);
}
