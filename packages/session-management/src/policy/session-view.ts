import type {
  LiveSession,
  NamedSession,
  SafeUser,
  Session,
  SessionCopy,
  SessionFacts,
  SessionUse,
} from '../types/index.ts';

/**
 * A session as its user may see it. Frozen.
 *
 * @param texts - The same where others hold them: many near copies are kept.
 */
export function sessionOf(
  facts: SessionFacts,
  texts: Pick<Session, 'userAgent' | 'userId'> = facts,
): Session {
  return Object.freeze(shownOf(facts, texts));
}

/** The same, not frozen: to be made more of. */
export function shownOf(
  facts: SessionFacts,
  { userAgent, userId }: Pick<Session, 'userAgent' | 'userId'> = facts,
): Session {
  const shown: Session = {
    id: facts.handle,
    userId,
    realm: facts.realm,
    createdAt: facts.createdAt,
    authenticatedAt: facts.authenticatedAt,
    expiresAt: facts.expiresAt,
    absoluteExpiresAt: facts.absoluteExpiresAt,
    ip: facts.ip,
    userAgent,
    actor: facts.actor,
  };
  if (facts.rotationDue) shown.rotationDue = true;
  return shown;
}

/** Its user, as the two copies say together. */
export function userOf({ session, user: { user } }: LiveSession): SafeUser {
  const { lastLoginAt } = session;
  return {
    id: user.id,
    email: user.email,
    isVerified: user.isVerified,
    role: user.role,
    createdAt: user.createdAt,
    lastLoginAt: lastLoginAt === null ? null : new Date(lastLoginAt),
  };
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
