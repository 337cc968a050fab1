import { type SessionListEntry, UserManagerFactory } from '@repo/session-management';
import { protectedProcedure, refusal, router } from '@repo/session-management/trpc';
import { clearCookie } from '../../sign-in.ts';
import { deviceName, handleOnly } from '../inputs.ts';

/** The user's own sessions. Each verb answers how many ended; what is gone already counts as done. */
export const sessionsRouter = router({
  list: protectedProcedure.query(async ({ ctx }) => {
    const userManager = await UserManagerFactory.create();
    const sessions = await userManager.listSessions(ctx.user.id, ctx.session.id);
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
  const { id, device, label, ip, createdAt, lastSeenAt, expiresAt, current } = session;
  return { handle: id, device, label, ip, createdAt, lastSeenAt, expiresAt, current };
}
