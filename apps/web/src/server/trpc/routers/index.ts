import { router } from '@repo/session-management/trpc';
import { authRouter } from './auth.ts';
import { impersonationRouter } from './impersonation.ts';
import { sessionsRouter } from './sessions.ts';

export const appRouter = router({
  auth: authRouter,
  impersonation: impersonationRouter,
  sessions: sessionsRouter,
});

export type AppRouter = typeof appRouter;
