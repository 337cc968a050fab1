import type { IncomingMessage, ServerResponse } from 'node:http';
import { initTRPC } from '@trpc/server';
import type { SafeUser, Session, SessionManagerInterface } from '../types/index.ts';
import { admit, admitFresh } from './admission.ts';
import { refusal, refusedFields, sessionCodeOf, toTRPCError } from './trpc-errors.ts';

/** What a procedure knows of its request. One snapshot per HTTP request, shared by the calls of a batch. */
export interface SessionContext {
  req: IncomingMessage;
  res: ServerResponse;
  /** The client's address; `0.0.0.0` where it is not known. */
  ip: string;
  user: SafeUser | null;
  session: Session | null;
  sessionStatus: 'active' | 'none' | 'unavailable';
  /** The sessionId in use, else the first presented. A secret: never log or return it. */
  sessionId: string | null;
  /** Every sessionId presented, at most four. Secrets, as `sessionId`. */
  presented: readonly string[];
  /** The manager that the session was looked up in: `freshProcedure` asks it again. */
  sessions: Pick<SessionManagerInterface, 'validateSession'>;
  locale: string;
  /** The text of a stable code in the visitor's language. */
  getErrorMessage(code: string): string;
}

const t = initTRPC.context<SessionContext>().create({
  errorFormatter({ error, shape, ctx }) {
    const sessionCode = sessionCodeOf(error);
    const { code, httpStatus } = shape.data;
    const words: Partial<SessionContext> | undefined = ctx;
    return {
      // Never the error's own text: it may name hosts, columns or what was typed.
      message: words?.getErrorMessage?.(sessionCode) ?? sessionCode,
      code: shape.code,
      data: { code, httpStatus, sessionCode, fields: refusedFields(error) },
    };
  },
});

export const { router, mergeRouters, createCallerFactory } = t;

/** For everybody. Errors of the session package become tRPC errors of the matching code. */
export const publicProcedure = t.procedure.use(async ({ next }) => {
  const result = await next();
  if (result.ok) return result;
  throw toTRPCError(result.error.cause) ?? result.error;
});

/**
 * For signed-in users: `ctx.user` and `ctx.session` are there. `SERVICE_UNAVAILABLE` when no store can
 * say who asks. Served with a context that is none of ours, it refuses: `UNAUTHORIZED`.
 */
export const protectedProcedure = publicProcedure.use(({ ctx, next }) => next({ ctx: admit(ctx) }));

/** For what only the user may do: who acts in the user's place is refused, FORBIDDEN with `IMPERSONATED`. */
export const ownProcedure = protectedProcedure.use(({ ctx, next }) => {
  if (ctx.session.actor !== null) throw refusal('FORBIDDEN', 'IMPERSONATED');
  return next();
});

/**
 * For what a thief of an open browser must not do. The session is asked of PostgreSQL, whatever the
 * copies say, and its user must have proved who they are within the realm's `freshFor`.
 *
 * Answers FORBIDDEN with `IDENTITY_NOT_FRESH` where they have not: ask for the password, call
 * `confirmIdentity`, try again. Never answered while PostgreSQL is down: `SERVICE_UNAVAILABLE`.
 */
export const freshProcedure = protectedProcedure.use(async ({ ctx, next }) =>
  next({ ctx: await admitFresh(ctx) }),
);

/** For administrators. */
export const adminProcedure = protectedProcedure.use(({ ctx, next }) => {
  if (ctx.user.role !== 'ADMIN') throw refusal('FORBIDDEN', 'FORBIDDEN');
  return next();
});
