import { sameOriginRefusal } from '@repo/session-management/node';
import type { NextApiRequest, NextApiResponse } from 'next';
import { webEnvironment } from '../../env.ts';
import { batchRefusal, callsOf } from './calls.ts';
import { answerRefusal, type Refusal } from './refusals.ts';

/**
 * Refuses, before anything is looked up, what may not change anything here and what asks for too much
 * at once; answers whether it did.
 *
 * Changes that ask for a streamed answer are refused too: its headers leave before the procedure
 * ends, so a log-in would answer "done" without its cookie.
 */
export function refuseRequest(req: NextApiRequest, res: NextApiResponse): boolean {
  const reason = refusalOf(req);
  if (reason === null) return false;
  answerRefusal(req, res, reason);
  return true;
}

/** By either header that tRPC takes for it. */
function asksForStream({ accept = '', 'trpc-accept': ours }: NextApiRequest['headers']): boolean {
  return ours !== undefined || accept.toLowerCase().includes('application/jsonl');
}

function refusalOf({ method, headers, query }: NextApiRequest): Refusal | null {
  const reason = sameOriginRefusal({
    method,
    contentType: headers['content-type'],
    origin: headers.origin,
    secFetchSite: headers['sec-fetch-site']?.toString(),
    host: headers.host,
    publicUrl: webEnvironment().publicUrl,
  });
  if (reason !== null) return reason;
  if (method === 'POST' && asksForStream(headers)) return 'streaming';
  // As tRPC's adapter reads it, which may differ from the address: `[trpc]?trpc=auth.login`.
  const calls = callsOf([query['trpc']].flat().join('/'));
  return calls === null ? 'names' : batchRefusal(calls);
}
