import { initTRPC, TRPCError } from '@trpc/server';
import { createNextApiHandler } from '@trpc/server/adapters/next';

/** The ways to check a session, set up by the server around Next: `src/web/server.mjs`. */
const CHECKS = Symbol.for('sessions-bench.checks');

const { procedure, router } = initTRPC.context().create();

const signedIn = procedure.use(({ ctx, next }) => {
  if (ctx.email === null) throw new TRPCError({ code: 'UNAUTHORIZED' });
  return next();
});

export default createNextApiHandler({
  router: router({ me: signedIn.query(({ ctx }) => ({ email: ctx.email })) }),
  createContext: async ({ req }) => ({
    email: await globalThis[CHECKS][req.headers['x-check']](req),
  }),
});
