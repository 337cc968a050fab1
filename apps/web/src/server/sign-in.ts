import {
  type SafeUser,
  type User,
  type UserManager,
  UserNotFoundError,
} from '@repo/session-management';
import {
  appendSetCookie,
  clearedCookie,
  consoleLogger,
  getUserAgent,
  logInLife,
  resolveSession,
  sessionCookie,
} from '@repo/session-management/node';
import type { SessionContext } from '@repo/session-management/trpc';
import { webEnvironment } from '../env.ts';

/**
 * Signs a user in: a new session, then the end of each that the browser presented, so that no id
 * known before the log-in is good after it. The cookie comes last: an error on the way sets none.
 *
 * @param remembered - Whether the visitor asked for it, where the policy lets visitors choose.
 * @param provedBy - The hash that the password was verified against.
 * @throws {ProofOutdatedError} the user has another by now.
 */
export async function signIn(
  ctx: SessionContext,
  userManager: UserManager,
  { id: userId, role }: Pick<User, 'id' | 'role'>,
  remembered: boolean,
  provedBy: string | null,
): Promise<PublicUser> {
  const { ttl, maxAge } = logInLife(userManager.policy, { role }, remembered);
  const metadata = { ip: ctx.ip, userAgent: getUserAgent(ctx.req.headers) };
  // Before the session is opened, whose copies say what was true then.
  const user = await userManager.update(userId, { lastLoginAt: new Date() }, { provedBy });
  if (user === null) throw new UserNotFoundError();
  const sessionId = await userManager.createSession(userId, metadata, ttl, { provedBy });
  for (const presented of ctx.presented) await userManager.deleteSession(presented);
  appendSetCookie(ctx.res, sessionCookie(webEnvironment().cookie, sessionId, maxAge));

  const { session } = await resolveSession(userManager, [sessionId]);
  consoleLogger.info('User logged in', { user: userId, handle: session?.id });
  return publicUser(user);
}

/** Takes the cookie back. The session must have ended before. */
export function clearCookie(ctx: SessionContext): void {
  appendSetCookie(ctx.res, clearedCookie(webEnvironment().cookie));
}

export type PublicUser = ReturnType<typeof publicUser>;

/** What an answer says about its user, field by field, so that a new column stays ours. */
export function publicUser({ id, email, role, isVerified, createdAt, lastLoginAt }: SafeUser) {
  return { id, email, role, isVerified, createdAt, lastLoginAt: lastLoginAt ?? null };
}
