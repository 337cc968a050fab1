import type { ListedSession, Session, SessionCopy, SessionListEntry } from '../types/index.ts';

/** A session as its user may see it: everything but the digest and what keeps copies in order. */
export function sessionOf(copy: SessionCopy): Session {
  return {
    id: copy.handle,
    userId: copy.userId,
    realm: copy.realm,
    createdAt: copy.createdAt,
    authenticatedAt: copy.authenticatedAt,
    expiresAt: copy.expiresAt,
    absoluteExpiresAt: copy.absoluteExpiresAt,
    ip: copy.ip,
    userAgent: copy.userAgent,
  };
}

export function entryOf(
  session: ListedSession,
  device: string,
  current: boolean,
): SessionListEntry {
  return { ...sessionOf(session), lastSeenAt: session.lastSeenAt, device, current };
}

/** @throws {RangeError} for anything but a whole number from 1 to `most`. */
export function boundedWhole(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`${name} must be a whole number from 1 to ${most}; got ${value}`);
}
