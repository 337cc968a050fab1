import {
  type ListedSession,
  type LiveSession,
  type NamedSession,
  type RecordAnswer,
  RecordUnreadableError,
  type SafeUser,
  type SessionActor,
  type SessionCopy,
  type SessionFacts,
  SessionStoreUnavailableError,
  type UserCopy,
} from '../types/index.ts';
import {
  type FactColumns,
  GRACE,
  type ListedColumns,
  type PersonRow,
  SESSION,
  type SessionColumns,
  type SessionRow,
  type UserRow,
  type WholeNumber,
} from './postgres-columns.ts';
import type { Statement } from './postgres-sql.ts';

/** What a statement says besides its rows: a standby may be behind, so its answer confirms nothing. */
interface Standing {
  standby: boolean;
}

/**
 * One row for each digest asked, found or not; previous digests are looked at where no session has it
 * now. The inner SELECT hides the array's length from the planner: seeing it, it would plan anew at
 * each call, which costs more than the lookup.
 */
export const READ: Statement = {
  name: 'session_read',
  text: `SELECT asked.digest AS asked, ${SESSION}
    FROM unnest((SELECT $1::text[])) AS asked(digest)
    LEFT JOIN LATERAL (
      SELECT now FROM sessions."Session" now WHERE now."digest" = sessions.digest_named(asked.digest)
      UNION ALL SELECT sessions.before_rotation(old, ${GRACE}) FROM sessions."Session" old
        WHERE old."previousDigest" = sessions.digest_named(asked.digest)
      LIMIT 1
    ) known(s) ON true
    LEFT JOIN (sessions."Subject" o JOIN public."User" u ON u."id" = o."userId") ON o."id" = (known.s)."subject"`,
};

/** The rows as they are. @throws {SessionStoreUnavailableError} when they are a standby's. */
export function fromPrimary<Row extends object>(
  operation: string,
  rows: readonly (Row & Standing)[],
): Row[] {
  if (rows.some(({ standby }) => standby)) {
    throw new SessionStoreUnavailableError('postgres', operation, new Error('this is a standby'));
  }
  return [...rows];
}

export function answerOf(row: SessionRow): RecordAnswer {
  if (row.state === 'live') return { state: 'live', live: liveSessionOf(row) };
  const { state } = row;
  if (state === 'past-grace') return { state, session: nameOf(row) };
  if (state !== 'expired') return { state };
  return { state, session: nameOf(row), agoMs: row.confirmed - row.expires };
}

export function nameOf(row: Pick<SessionRow, 'handle' | 'realm' | 'user_id'>): NamedSession {
  return { userId: row.user_id, realm: row.realm, handle: row.handle };
}

export function liveSessionOf(row: SessionRow): LiveSession {
  return { session: sessionCopyOf(row), user: userCopyOf(row) };
}

export function sessionCopyOf(row: SessionColumns): SessionCopy {
  const copy: SessionCopy = Object.assign(factsOf(row, row.user_id, row.realm), {
    digest: row.digest,
    version: wholeNumber(row.version),
    userVersion: wholeNumber(row.user_version),
    lastLoginAt: row.last_login,
    confirmedAt: row.confirmed,
  });
  if (row.in_grace === true) copy.inGrace = true;
  return copy;
}

export function listedOf(row: ListedColumns, userId: string, realm: string): ListedSession {
  return Object.assign(factsOf(row, userId, realm), { lastSeenAt: row.seen, label: row.label });
}

/** To be assigned to: V8 spreads so many properties at a twentieth of that speed. */
function factsOf(row: FactColumns, userId: string, realm: string): SessionFacts {
  const facts: SessionFacts = {
    handle: row.handle,
    userId,
    realm,
    createdAt: row.created,
    authenticatedAt: row.authenticated,
    expiresAt: row.expires,
    absoluteExpiresAt: row.absolute,
    ip: row.ip,
    userAgent: row.userAgent,
    actor: actorOf(row),
  };
  if (row.rotation_due) facts.rotationDue = true;
  return facts;
}

function actorOf({ actor_handle: handle, actor_id: userId }: FactColumns): SessionActor | null {
  return userId === null || handle === null ? null : { userId, handle };
}

export function userCopyOf(row: UserRow): UserCopy {
  return { user: keptUser(row), version: wholeNumber(row.user_version) };
}

export function safeUserOf(row: PersonRow): SafeUser {
  const lastLoginAt = row.last_login === null ? null : new Date(row.last_login);
  return { ...keptUser(row), lastLoginAt };
}

function keptUser(row: PersonRow): UserCopy['user'] {
  return {
    id: row.user_id,
    email: row.email,
    isVerified: row.isVerified,
    role: row.role,
    createdAt: new Date(row.user_created),
  };
}

export function wholeNumber(value: WholeNumber): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RecordUnreadableError('a version');
  return number;
}
