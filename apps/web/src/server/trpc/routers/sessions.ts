import { type RevokeOptions, type Session, UserManagerFactory } from '@repo/session-management';
import { protectedProcedure, refusal, router } from '@repo/session-management/trpc';
import { publicSession } from '../../public-session.ts';
import { clearCookie } from '../../sign-in.ts';
import { deviceName, handleOnly } from '../inputs.ts';

/** The user's own sessions. Each verb answers how many ended; what is gone already counts as done. */
export const sessionsRouter = router({
  list: protectedProcedure.query(async ({ ctx }) => {
    const userManager = await UserManagerFactory.create();
    const sessions = await userManager.listSessions(ctx.user.id, { current: ctx.session.id });
    return { sessions: sessions.map(publicSession) };
  }),

  /** Names a device for the list; an empty name takes it away. */
  rename: protectedProcedure.input(deviceName).mutation(async ({ ctx, input }) => {
    const userManager = await UserManagerFactory.create();
    const named = await userManager.labelSession(ctx.user.id, input.handle, input.label);
    if (!named) throw refusal('NOT_FOUND', 'NOT_FOUND');
    return { renamed: true };
  }),

  revoke: protectedProcedure.input(handleOnly).mutation(async ({ ctx, input }) => {
    const userManager = await UserManagerFactory.create();
    const ended = await userManager.revokeSession(ctx.user.id, input.handle, byWhom(ctx.session));
    if (input.handle === ctx.session.id) clearCookie(ctx);
    return { ended };
  }),

  revokeOthers: protectedProcedure.mutation(async ({ ctx }) => {
    const userManager = await UserManagerFactory.create();
    const { session, user } = ctx;
    const ended = await userManager.revokeOtherSessions(user.id, session.id, byWhom(session));
    return { ended };
  }),

  revokeAll: protectedProcedure.mutation(async ({ ctx }) => {
    const userManager = await UserManagerFactory.create();
    const ended = await userManager.revokeAllSessions(ctx.user.id, byWhom(ctx.session));
    clearCookie(ctx);
    return { ended };
  }),
});

/** An administrator in the user's place is named. */
function byWhom({ actor }: Session): RevokeOptions {
  return { actor: actor?.userId };
}
