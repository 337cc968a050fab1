import { UserRole } from '@repo/exchange-core';
import type { SessionActor, SessionCopy, SessionData, UserCopy } from '../types/index.ts';
import { FINAL } from './copy-order.ts';

/*
 * The JSON of fast copies. Reading is strict and never throws: whatever we would not have written
 * is `null`, which a lookup takes for a miss. Written by hand, since every lookup runs it.
 */

/** What stands under the key of a session. */
export type SessionEntry =
  | { kind: 'copy'; session: SessionCopy }
  | { kind: 'tombstone' }
  /** Set by the adapter alone: the document's five fields, no record. */
  | { kind: 'plain'; data: SessionData };

/** The mark of an ended session. One text, so that a script can tell it by comparison. */
export const TOMBSTONE = '{"tombstone":true}';

/** Characters of its digest that a copy names: 66 bits, so that no reply to another key is taken for it. */
const NAMED = 11;

/** The document's five fields first, then what orders copies and dates them. The key holds digest and realm. */
export function encodeSession(session: SessionCopy): string {
  return JSON.stringify({
    user_id: session.userId,
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    ip: session.ip,
    user_agent: session.userAgent ?? undefined,
    digest: session.digest.slice(0, NAMED),
    handle: session.handle,
    version: session.version,
    user_version: session.userVersion,
    confirmed_at: session.confirmedAt,
    authenticated_at: session.authenticatedAt,
    absolute_expires_at: session.absoluteExpiresAt,
    actor: session.actor
      ? { user_id: session.actor.userId, handle: session.actor.handle }
      : undefined,
    in_grace: session.inGrace,
    rotation_due: session.rotationDue,
  });
}

/** Exactly the document's five fields. */
export function encodeSessionData(data: SessionData): string {
  return JSON.stringify(fiveFields(data));
}

/** `null` for whatever we would not have written under this key, a copy of another digest included. */
export function decodeEntry(text: string, digest: string, realm: string): SessionEntry | null {
  const value = parseObject(text);
  if (value === null) return null;
  if (value['tombstone'] === true) return { kind: 'tombstone' };
  if (!isSessionData(value)) return null;
  if (!('version' in value)) return { kind: 'plain', data: fiveFields(value) };

  const session = copyOf(value, digest, realm);
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
  const fields: Fields = { ...value };
  return (
    isName(fields['user_id']) &&
    isInstant(fields['created_at']) &&
    isInstant(fields['expires_at']) &&
    typeof fields['ip'] === 'string' &&
    (fields['user_agent'] === undefined || typeof fields['user_agent'] === 'string')
  );
}

export function encodeUser({ user, version, confirmedAt }: UserCopy): string {
  return JSON.stringify({
    id: user.id,
    email: user.email,
    isVerified: user.isVerified,
    role: user.role,
    createdAt: user.createdAt.getTime(),
    lastLoginAt: user.lastLoginAt?.getTime() ?? null,
    version,
    confirmed_at: confirmedAt,
  });
}

/** The mark of a deleted user. A user made again with the same id has a higher version. */
export function encodeUserTombstone(version: number): string {
  return JSON.stringify({ tombstone: true, version, confirmed_at: FINAL });
}

/** Whether a text that is no copy of a user is the mark of a deleted one. */
export function isUserTombstone(text: string): boolean {
  return parseObject(text)?.['tombstone'] === true;
}

/** `null` for a tombstone and whatever we would not have written under this key, another user's copy included. */
export function decodeUser(text: string, userId: string): UserCopy | null {
  const value = parseObject(text);
  if (value === null || value['tombstone'] === true) return null;
  const { id, email, isVerified, role, createdAt, lastLoginAt } = value;
  const { version, confirmed_at: confirmedAt } = value;
  if (id !== userId || typeof email !== 'string' || typeof isVerified !== 'boolean') return null;
  if (!isRole(role) || !isInstant(createdAt)) return null;
  if (lastLoginAt !== null && !isInstant(lastLoginAt)) return null;
  if (!isNumber(version) || !isInstant(confirmedAt)) return null;
  const login = lastLoginAt === null ? null : new Date(lastLoginAt);
  const user = { id, email, isVerified, role, createdAt: new Date(createdAt), lastLoginAt: login };
  return { user, version, confirmedAt };
}

type Fields = Record<string, unknown>;

function copyOf(value: SessionData & Fields, digest: string, realm: string): SessionCopy | null {
  const { handle, version, user_version: userVersion, confirmed_at: confirmedAt } = value;
  const { authenticated_at: authenticatedAt, absolute_expires_at: absoluteExpiresAt } = value;
  if (value['digest'] !== digest.slice(0, NAMED) || !isName(handle)) return null;
  if (!isNumber(version) || !isNumber(userVersion) || !isInstant(confirmedAt)) return null;
  if (!isInstant(authenticatedAt) || !isInstant(absoluteExpiresAt)) return null;
  const actor = actorOf(value['actor']);
  if (actor === undefined) return null;

  const copy: SessionCopy = {
    digest,
    handle,
    userId: value.user_id,
    realm,
    createdAt: value.created_at,
    authenticatedAt,
    expiresAt: value.expires_at,
    absoluteExpiresAt,
    ip: value.ip,
    userAgent: value.user_agent ?? null,
    actor,
    version,
    userVersion,
    confirmedAt,
  };
  if (value['in_grace'] === true) copy.inGrace = true;
  if (value['rotation_due'] === true) copy.rotationDue = true;
  return copy;
}

/** `undefined` for what is neither an actor nor none: nobody's actions may look like the user's own. */
function actorOf(value: unknown): SessionActor | null | undefined {
  if (value === undefined) return null;
  if (typeof value !== 'object' || value === null) return undefined;
  const { user_id: userId, handle }: Fields = { ...value };
  return isName(userId) && isName(handle) ? Object.freeze({ userId, handle }) : undefined;
}

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

/** Milliseconds that a `Date` can hold. */
function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

/** Versions: whole, not negative, exact. */
function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRole(value: unknown): value is UserRole {
  return value === UserRole.USER || value === UserRole.ADMIN;
}
