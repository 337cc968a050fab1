import { router } from '@repo/session-management/trpc';
import { authRouter } from './auth.ts';
import { sessionsRouter } from './sessions.ts';

export const appRouter = router({ auth: authRouter, sessions: sessionsRouter });

export type AppRouter = typeof appRouter;
