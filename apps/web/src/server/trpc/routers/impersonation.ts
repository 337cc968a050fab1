import { UserManagerFactory } from '@repo/session-management';
import {
  appendSetCookie,
  consoleLogger,
  getUserAgent,
  sessionCookie,
} from '@repo/session-management/node';
import { protectedProcedure, refusal, router } from '@repo/session-management/trpc';
import { webEnvironment } from '../../../env.ts';
import { clearCookie } from '../../sign-in.ts';
import { freshAdminProcedure } from '../fresh-admin-procedure.ts';
import { userOnly } from '../inputs.ts';

/** How long an administrator acts in the place of a user, in seconds. */
const HALF_AN_HOUR = 1_800;

export const impersonationRouter = router({
  /** From here on this browser is the user's, until `stop` or the end of the half hour. */
  begin: freshAdminProcedure.input(userOnly).mutation(async ({ ctx, input }) => {
    const userManager = await UserManagerFactory.create();
    const metadata = { ip: ctx.ip, userAgent: getUserAgent(ctx.req.headers) };
    const own = ctx.sessionId ?? '';
    const sessionId = await userManager.impersonate(own, input.userId, metadata, HALF_AN_HOUR);
    appendSetCookie(ctx.res, sessionCookie(webEnvironment().cookie, sessionId, HALF_AN_HOUR));
    consoleLogger.info('Impersonation begun', { user: input.userId, actor: ctx.user.id });
    return { begun: true };
  }),

  /**
   * Ends the administrator's own session, and with it this one: no cookie holds the own sessionId
   * meanwhile, so nobody who finds the browser is the administrator.
   */
  stop: protectedProcedure.mutation(async ({ ctx }) => {
    const { actor, userId } = ctx.session;
    if (actor === null) throw refusal('FORBIDDEN', 'FORBIDDEN');
    const userManager = await UserManagerFactory.create();
    await userManager.revokeSession(userId, ctx.session.id, { actor: actor.userId });
    await userManager.revokeSession(actor.userId, actor.handle);
    clearCookie(ctx);
    consoleLogger.info('Impersonation stopped', { user: userId, actor: actor.userId });
    return { stopped: true };
  }),
});
