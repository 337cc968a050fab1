import type {
  LiveSession,
  NamedSession,
  Session,
  SessionCopy,
  SessionUse,
} from '../types/index.ts';

/**
 * A session as its user may see it: everything but the digest and what keeps copies in order. Frozen.
 *
 * @param texts - The same where others hold them: many near copies are kept.
 */
export function sessionOf(
  copy: SessionCopy,
  { userAgent, userId }: Pick<Session, 'userAgent' | 'userId'> = copy,
): Session {
  const shown: Session = {
    id: copy.handle,
    userId,
    realm: copy.realm,
    createdAt: copy.createdAt,
    authenticatedAt: copy.authenticatedAt,
    expiresAt: copy.expiresAt,
    absoluteExpiresAt: copy.absoluteExpiresAt,
    ip: copy.ip,
    userAgent,
    actor: copy.actor,
  };
  if (copy.rotationDue) shown.rotationDue = true;
  return Object.freeze(shown);
}

/** Its use; `null` of one in its grace, to which nothing is done. */
export function usageOf({ session, user }: LiveSession): SessionUse | null {
  if (session.inGrace) return null;
  const { absoluteExpiresAt, createdAt, expiresAt, handle, realm, version } = session;
  return { absoluteExpiresAt, createdAt, expiresAt, handle, realm, version, role: user.user.role };
}

/** A session by its public name alone. */
export function namedOf({ handle, realm, userId }: SessionCopy): NamedSession {
  return { userId, realm, handle };
}

/** The same, and when it ends. */
export function lastingOf(session: SessionCopy): NamedSession & { expiresAt: number } {
  return { ...namedOf(session), expiresAt: session.expiresAt };
}
