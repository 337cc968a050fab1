import type { SessionCopy, SessionData } from '../types/index.ts';
import { isInstant, packSession, unpackSession } from './packed-session.ts';

/*
 * The text of fast copies of sessions. Reading is strict and never throws: whatever we would not have
 * written is `null`, which a lookup takes for a miss. Written by hand, since every lookup runs it.
 *
 * The document's five fields by name, and all of ours packed into one, the last: in Redis, a
 * session's size class ends a few bytes behind it (decisions/011).
 */

/** What stands under the key of a session. */
export type SessionEntry =
  | { kind: 'copy'; session: SessionCopy }
  | { kind: 'tombstone' }
  /** Set by the adapter alone: the document's five fields, no record. */
  | { kind: 'plain'; data: SessionData };

const TOMB = /^\{"tombstone":"([\w-]{7})"\}$/;

/** @param check - Of its digest, as `KeyNames` gives it. */
export function encodeSession(session: SessionCopy, check: string): string {
  const fields = JSON.stringify({
    user_id: session.userId,
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    ip: session.ip,
    user_agent: session.userAgent ?? undefined,
  });
  return `${fields.slice(0, -1)},"s":"${check}${packSession(session)}"}`;
}

/** The mark of an ended session. */
export function encodeTombstone(check: string): string {
  return `{"tombstone":"${check}"}`;
}

/** Exactly the document's five fields. */
export function encodeSessionData(data: SessionData): string {
  return JSON.stringify(fiveFields(data));
}

/**
 * @param check - Of this digest: what bears another is not ours. `null`: whosever it is.
 */
export function decodeEntry(
  text: string,
  digest: string,
  realm: string,
  check: string | null,
): SessionEntry | null {
  const tomb = TOMB.exec(text);
  if (tomb !== null) return check === null || tomb[1] === check ? { kind: 'tombstone' } : null;
  const value = parseObject(text);
  if (value === null || !isSessionData(value)) return null;
  if (!('s' in value)) return { kind: 'plain', data: fiveFields(value) };

  const session = unpackSession(value['s'], value, { digest, realm }, check);
  return session === null ? null : { kind: 'copy', session };
}

/** The document's view of a copy. Of one in its grace there is none: it outlives its end in the store. */
export function sessionDataOf(session: SessionCopy): SessionData | null {
  if (session.inGrace) return null;
  return fiveFields({
    user_id: session.userId,
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    ip: session.ip,
    user_agent: session.userAgent ?? undefined,
  });
}

/** Whether a value has the document's five fields, each of its type. */
export function isSessionData(value: object): value is SessionData {
  return isFive(value);
}

/** Spreads nothing: V8 takes longer for that than for all the rest. */
function isFive(value: Partial<Record<keyof SessionData, unknown>>): value is SessionData {
  const { created_at, expires_at, ip, user_agent, user_id } = value;
  return (
    isName(user_id) &&
    isInstant(created_at) &&
    isInstant(expires_at) &&
    typeof ip === 'string' &&
    (user_agent === undefined || typeof user_agent === 'string')
  );
}

type Fields = Record<string, unknown>;

function fiveFields(data: SessionData): SessionData {
  const { user_id, created_at, expires_at, ip, user_agent } = data;
  const required = { user_id, created_at, expires_at, ip };
  return user_agent === undefined ? required : { ...required, user_agent };
}

function parseObject(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : null;
  } catch {
    // Whoever wrote it, it is not ours: the lookup asks the record.
    return null;
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
