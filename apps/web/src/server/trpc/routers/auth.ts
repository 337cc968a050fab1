import { UserRole } from '@repo/exchange-core';
import {
  EmailTakenError,
  type RotatedSession,
  type User,
  type UserManager,
  UserManagerFactory,
  type UserManagerInterface,
} from '@repo/session-management';
import { consoleLogger } from '@repo/session-management/node';
import {
  ownProcedure,
  protectedProcedure,
  publicProcedure,
  refusal,
  router,
} from '@repo/session-management/trpc';
import { refuseCommon } from '../../common-passwords.ts';
import { countedLogIn } from '../../counted-log-in.ts';
import { hashPassword, isOutdated } from '../../passwords.ts';
import { provenUser, withProof } from '../../proven-user.ts';
import { cameByCookie, renewCookie } from '../../session-cookie.ts';
import { clearCookie, publicUser, signIn } from '../../sign-in.ts';
import { credentials, passwordChange, passwordOnly, registration } from '../inputs.ts';

/**
 * Ends one session. Idempotent: a session that is gone already is done, and nothing is logged.
 *
 * Works with every `UserManagerInterface`. One without `deleteSession` keeps its sessionId in the
 * user, so there the user is asked for and cleared.
 *
 * @throws {SessionStoreUnavailableError} the end is not certain; leave the cookie and ask again.
 */
export async function handleSessionCleanup(
  webUserManager: UserManagerInterface,
  sessionId: string,
): Promise<void> {
  const [lookup] = await Promise.allSettled([webUserManager.findBySessionId(sessionId)]);
  // Before the lookup's failure is thrown: a revoke may reach a store that the lookup did not.
  await webUserManager.deleteSession?.(sessionId);
  if (lookup.status === 'rejected') throw lookup.reason;
  const user = lookup.value;
  if (!user) return;

  if (!webUserManager.deleteSession) await webUserManager.update(user.id, { sessionId: undefined });
  consoleLogger.info('User logged out', { user: user.id });
}

export const authRouter = router({
  /**
   * Makes an account and signs it in. CONFLICT when the address has one, however it was spelled;
   * TOO_MANY_REQUESTS beyond the limit of the visitor's network.
   */
  register: publicProcedure.input(registration).mutation(async ({ ctx, input }) => {
    await refuseCommon(input.password, input.email, 'password');
    const webUserManager = await UserManagerFactory.create();
    const attempt = { account: input.email, ip: ctx.ip };
    const user = await webUserManager.guardSignUp(attempt, async () => {
      // Asked before the costly hash; `create` decides between two that come at once.
      if (await webUserManager.findByEmail(input.email)) throw new EmailTakenError();
      const hashedPassword = await hashPassword(input.password);
      const made = { email: input.email, hashedPassword, isVerified: false, role: UserRole.USER };
      return { ...(await webUserManager.create(made)), hashedPassword };
    });
    return { user: await signIn(ctx, webUserManager, user, false, user.hashedPassword) };
  }),

  /**
   * One answer and the same work for an unknown address, a wrong password and an account without one.
   * TOO_MANY_REQUESTS beyond the limits, and no work, whichever it is.
   */
  login: publicProcedure.input(credentials).mutation(({ ctx, input }) =>
    countedLogIn(async () => {
      const webUserManager = await UserManagerFactory.create();
      const attempt = { account: input.email, ip: ctx.ip };
      const user = await provenUser(webUserManager, attempt, input.password, () =>
        webUserManager.findByEmail(input.email),
      );
      if (!user) throw refusal('UNAUTHORIZED', 'INVALID_CREDENTIALS');
      const proven = await withRenewedHash(webUserManager, user, input.password);
      const signedIn = await withProof(webUserManager, proven, input.password, (provedBy) =>
        signIn(ctx, webUserManager, proven, input.remember, provedBy),
      );
      if (!signedIn) throw refusal('UNAUTHORIZED', 'INVALID_CREDENTIALS');
      return { user: signedIn };
    }),
  ),

  /** Ends every session that the request presents and takes the cookie back; without any, just that. */
  logout: publicProcedure.mutation(async ({ ctx }) => {
    const webUserManager = await UserManagerFactory.create();
    for (const sessionId of ctx.presented) await handleSessionCleanup(webUserManager, sessionId);
    clearCookie(ctx);
    return { signedOut: true };
  }),

  me: protectedProcedure.query(({ ctx }) => ({ user: publicUser(ctx.user) })),

  /** The password again: what `freshProcedure` guards is open to this session for a while. */
  confirmIdentity: ownProcedure.input(passwordOnly).mutation(async ({ ctx, input }) => {
    const webUserManager = await UserManagerFactory.create();
    const attempt = { account: ctx.user.email, ip: ctx.ip };
    const user = await provenUser(webUserManager, attempt, input.password, () =>
      webUserManager.findById(ctx.user.id),
    );
    if (!user) throw refusal('FORBIDDEN', 'INVALID_CREDENTIALS');
    const confirmed = await webUserManager.confirmIdentity(ctx.sessionId ?? '');
    if (!confirmed) throw refusal('UNAUTHORIZED', 'UNAUTHORIZED');
    consoleLogger.info('Identity confirmed', { user: ctx.user.id, handle: ctx.session.id });
    return { confirmed: true };
  }),

  /** This session goes on under a new sessionId, all others of the user end. */
  changePassword: ownProcedure.input(passwordChange).mutation(async ({ ctx, input }) => {
    const webUserManager = await UserManagerFactory.create();
    const attempt = { account: ctx.user.email, ip: ctx.ip };
    const user = await provenUser(webUserManager, attempt, input.currentPassword, () =>
      webUserManager.findById(ctx.user.id),
    );
    if (!user) throw refusal('FORBIDDEN', 'INVALID_CREDENTIALS');
    await refuseCommon(input.newPassword, user.email, 'newPassword');
    const hashedPassword = await hashPassword(input.newPassword);
    const onRotated = cameByCookie(ctx.req, ctx.sessionId)
      ? (rotated: RotatedSession) => renewCookie(ctx.res, rotated)
      : undefined;
    const changed = await withProof(webUserManager, user, input.currentPassword, (provedBy) =>
      webUserManager.update(
        user.id,
        { hashedPassword },
        { keepHandle: ctx.session.id, onRotated, provedBy },
      ),
    );
    if (!changed) throw refusal('FORBIDDEN', 'INVALID_CREDENTIALS');
    consoleLogger.info('Password changed', { user: user.id, handle: ctx.session.id });
    return { changed: true };
  }),
});

/** The user with the hash that is stored now, as far as this log-in knows. */
async function withRenewedHash(
  webUserManager: UserManager,
  user: User,
  password: string,
): Promise<User> {
  const stored = user.hashedPassword;
  if (!stored || !isOutdated(stored)) return user;
  const hashedPassword = await hashPassword(password);
  const isRenewed = await webUserManager.rehashPassword(user.id, stored, hashedPassword);
  return isRenewed ? { ...user, hashedPassword } : user;
}
