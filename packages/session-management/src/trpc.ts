export { refusal } from './web/trpc-errors.ts';
export {
  adminProcedure,
  createCallerFactory,
  freshProcedure,
  mergeRouters,
  ownProcedure,
  protectedProcedure,
  publicProcedure,
  router,
  type SessionContext,
} from './web/trpc-procedures.ts';
