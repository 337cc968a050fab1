import { router } from '@repo/session-management/trpc';
import { adminRouter } from './admin.ts';
import { authRouter } from './auth.ts';
import { impersonationRouter } from './impersonation.ts';
import { sessionsRouter } from './sessions.ts';

export const appRouter = router({
  admin: adminRouter,
  auth: authRouter,
  impersonation: impersonationRouter,
  sessions: sessionsRouter,
});

export type AppRouter = typeof appRouter;
