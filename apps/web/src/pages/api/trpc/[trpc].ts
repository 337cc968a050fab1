import { consoleLogger, NO_STORE } from '@repo/session-management/node';
import { createNextApiHandler } from '@trpc/server/adapters/next';
import type { NextApiHandler } from 'next';
import { createContext } from '../../../server/trpc/context.ts';
import { refuseRequest } from '../../../server/trpc/request-gate.ts';
import { appRouter } from '../../../server/trpc/routers/index.ts';

// tRPC reads the body itself, so that a body that is too large or no JSON gets an answer of the usual form.
export const config = { api: { bodyParser: false, externalResolver: true } };

const MOST_BODY_BYTES = 16 * 1024;
const RETRY_AFTER_SECONDS = '1';

const answer = createNextApiHandler({
  router: appRouter,
  createContext,
  maxBodySize: MOST_BODY_BYTES,
  responseMeta({ errors }) {
    const headers = new Headers({ 'Cache-Control': NO_STORE });
    const unavailable = errors.some(({ code }) => code === 'SERVICE_UNAVAILABLE');
    if (unavailable) headers.set('Retry-After', RETRY_AFTER_SECONDS);
    return { headers };
  },
  onError({ error, path }) {
    if (error.code !== 'INTERNAL_SERVER_ERROR') return;
    // Not its text: a driver's message may quote what a visitor typed.
    const cause = error.cause?.name ?? 'Error';
    consoleLogger.error('Request failed', { path: path ?? '', cause });
  },
});

const handler: NextApiHandler = async (req, res) => {
  if (refuseRequest(req, res)) return;
  await answer(req, res);
};

export default handler;
