import type { NamedSession, Session, SessionCopy } from '../types/index.ts';

/** A session as its user may see it: everything but the digest and what keeps copies in order. Frozen. */
export function sessionOf(copy: SessionCopy): Session {
  const shown: Session = {
    id: copy.handle,
    userId: copy.userId,
    realm: copy.realm,
    createdAt: copy.createdAt,
    authenticatedAt: copy.authenticatedAt,
    expiresAt: copy.expiresAt,
    absoluteExpiresAt: copy.absoluteExpiresAt,
    ip: copy.ip,
    userAgent: copy.userAgent,
    actor: copy.actor,
  };
  if (copy.rotationDue) shown.rotationDue = true;
  return Object.freeze(shown);
}

/** A session by its public name alone. */
export function namedOf({ handle, realm, userId }: SessionCopy): NamedSession {
  return { userId, realm, handle };
}

/** The same, and when it ends. */
export function lastingOf(session: SessionCopy): NamedSession & { expiresAt: number } {
  return { ...namedOf(session), expiresAt: session.expiresAt };
}
