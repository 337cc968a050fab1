import { isLogInThrottled } from '@repo/session-management';
import { consoleLogger, NO_STORE } from '@repo/session-management/node';
import type { TRPCError } from '@trpc/server';
import { createNextApiHandler } from '@trpc/server/adapters/next';
import type { NextApiHandler } from 'next';
import { MOST_BODY_BYTES } from '../../../server/trpc/calls.ts';
import { createContext } from '../../../server/trpc/context.ts';
import { refuseRequest } from '../../../server/trpc/request-gate.ts';
import { appRouter } from '../../../server/trpc/routers/index.ts';

// tRPC reads the body itself, so that a body that is too large or no JSON gets an answer of the usual form.
export const config = { api: { bodyParser: false, externalResolver: true } };

/** While a store is down or too many hashes wait, in seconds. */
const SOON = 1;

const answer = createNextApiHandler({
  router: appRouter,
  createContext,
  maxBodySize: MOST_BODY_BYTES,
  responseMeta({ errors }) {
    const headers = new Headers({ 'Cache-Control': NO_STORE });
    const waits = errors.flatMap(secondsToWait);
    if (waits.length > 0) headers.set('Retry-After', String(Math.max(...waits)));
    return { headers };
  },
  onError({ error, path }) {
    if (error.code !== 'INTERNAL_SERVER_ERROR') return;
    // Not its text: a driver's message may quote what a visitor typed.
    const cause = error.cause?.name ?? 'Error';
    consoleLogger.error('Request failed', { path: path ?? '', cause });
  },
});

/** When the same call may be answered, if that is known. */
function secondsToWait({ cause, code }: TRPCError): number[] {
  if (isLogInThrottled(cause)) return [cause.retryAfterSeconds];
  return code === 'SERVICE_UNAVAILABLE' ? [SOON] : [];
}

const handler: NextApiHandler = async (req, res) => {
  if (refuseRequest(req, res)) return;
  await answer(req, res);
};

export default handler;
