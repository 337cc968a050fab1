import { UserManagerFactory } from '@repo/session-management';
import { consoleLogger } from '@repo/session-management/node';
import { adminProcedure, refusal, router } from '@repo/session-management/trpc';
import { overviewOf } from '../../overview.ts';
import { publicSession } from '../../public-session.ts';
import { clearCookie, publicUser } from '../../sign-in.ts';
import { freshAdminProcedure } from '../fresh-admin-procedure.ts';
import { roleChange, userOnly, userPage, userSession } from '../inputs.ts';

/** Other users and their sessions of this realm. What ends or changes says by whom. */
export const adminRouter = router({
  /** A page of users, by id; `after` is the last id of the page before. */
  users: adminProcedure.input(userPage).query(async ({ input }) => {
    const userManager = await UserManagerFactory.create();
    const users = await userManager.listUsers(input);
    return { users: users.map(publicUser) };
  }),

  sessions: adminProcedure.input(userOnly).query(async ({ ctx, input }) => {
    const userManager = await UserManagerFactory.create();
    const user = await userManager.findById(input.userId);
    if (!user) throw refusal('NOT_FOUND', 'NOT_FOUND');
    const sessions = await userManager.listSessions(user.id, { current: ctx.session.id });
    return { user: publicUser(user), sessions: sessions.map(publicSession) };
  }),

  revoke: adminProcedure.input(userSession).mutation(async ({ ctx, input }) => {
    const { handle, userId } = input;
    const userManager = await UserManagerFactory.create();
    const ended = await userManager.revokeSession(userId, handle, { actor: ctx.user.id });
    if (handle === ctx.session.id) clearCookie(ctx);
    consoleLogger.info('Session ended', { user: userId, handle, ended, actor: ctx.user.id });
    return { ended };
  }),

  revokeAll: adminProcedure.input(userOnly).mutation(async ({ ctx, input: { userId } }) => {
    const userManager = await UserManagerFactory.create();
    const ended = await userManager.revokeAllSessions(userId, { actor: ctx.user.id });
    if (userId === ctx.user.id) clearCookie(ctx);
    consoleLogger.info('All sessions ended', { user: userId, ended, actor: ctx.user.id });
    return { ended };
  }),

  /** Of another user: whoever took the role from themselves could leave nobody who has it. */
  changeRole: freshAdminProcedure.input(roleChange).mutation(async ({ ctx, input }) => {
    const { role, userId } = input;
    if (userId === ctx.user.id) throw refusal('FORBIDDEN', 'OWN_ROLE');
    const userManager = await UserManagerFactory.create();
    const user = await userManager.update(userId, { role });
    if (user === null) throw refusal('NOT_FOUND', 'NOT_FOUND');
    consoleLogger.info('Role changed', { user: userId, role, actor: ctx.user.id });
    return { user: publicUser(user) };
  }),

  health: adminProcedure.query(async () => overviewOf(await UserManagerFactory.create())),
});
