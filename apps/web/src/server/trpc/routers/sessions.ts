import { type SessionListEntry, UserManagerFactory } from '@repo/session-management';
import { protectedProcedure, router } from '@repo/session-management/trpc';
import { clearCookie } from '../../sign-in.ts';
import { handleOnly } from '../inputs.ts';

/** The user's own sessions. Each verb answers how many ended; what is gone already counts as done. */
export const sessionsRouter = router({
  list: protectedProcedure.query(async ({ ctx }) => {
    const userManager = await UserManagerFactory.create();
    const sessions = await userManager.listSessions(ctx.user.id, ctx.session.id);
    return { sessions: sessions.map(publicSession) };
  }),

  revoke: protectedProcedure.input(handleOnly).mutation(async ({ ctx, input }) => {
    const userManager = await UserManagerFactory.create();
    const ended = await userManager.revokeSession(ctx.user.id, input.handle);
    if (input.handle === ctx.session.id) clearCookie(ctx);
    return { ended };
  }),

  revokeOthers: protectedProcedure.mutation(async ({ ctx }) => {
    const userManager = await UserManagerFactory.create();
    return { ended: await userManager.revokeOtherSessions(ctx.user.id, ctx.session.id) };
  }),

  revokeAll: protectedProcedure.mutation(async ({ ctx }) => {
    const userManager = await UserManagerFactory.create();
    const ended = await userManager.revokeAllSessions(ctx.user.id);
    clearCookie(ctx);
    return { ended };
  }),
});

/** Instants in milliseconds since the epoch. */
function publicSession(session: SessionListEntry) {
  const { id, device, ip, createdAt, lastSeenAt, expiresAt, current } = session;
  return { handle: id, device, ip, createdAt, lastSeenAt, expiresAt, current };
}
