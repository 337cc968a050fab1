import { NO_STORE, sameOriginRefusal } from '@repo/session-management/node';
import type { NextApiRequest, NextApiResponse } from 'next';
import { webEnvironment } from '../../env.ts';
import { LOCALE_COOKIE, localeFor } from '../locale.ts';
import { errorMessage } from '../messages.ts';

const ANSWERS = {
  method: { httpStatus: 405, code: 'METHOD_NOT_SUPPORTED', sessionCode: 'METHOD_NOT_SUPPORTED' },
  'cross-site': { httpStatus: 403, code: 'FORBIDDEN', sessionCode: 'CROSS_SITE' },
  'content-type': { httpStatus: 415, code: 'UNSUPPORTED_MEDIA_TYPE', sessionCode: 'BAD_REQUEST' },
  streaming: { httpStatus: 400, code: 'BAD_REQUEST', sessionCode: 'STREAMING_REFUSED' },
} as const;

type Refusal = keyof typeof ANSWERS;

/**
 * Refuses, before anything is looked up, what may not change anything here; answers whether it did.
 *
 * Changes that ask for a streamed answer are refused too: its headers leave before the procedure
 * ends, so a log-in would answer "done" without its cookie.
 */
export function refuseRequest(req: NextApiRequest, res: NextApiResponse): boolean {
  const reason = refusalOf(req);
  if (reason === null) return false;
  const { httpStatus, code, sessionCode } = ANSWERS[reason];
  const locale = localeFor(req.cookies[LOCALE_COOKIE], req.headers['accept-language']);
  const message = errorMessage(sessionCode, locale);
  const data = { code, httpStatus, sessionCode, fields: [] };
  res.setHeader('Cache-Control', NO_STORE);
  if (reason === 'method') res.setHeader('Allow', 'GET, POST');
  res.status(httpStatus).json({ error: { message, code: -32_600, data } });
  return true;
}

function refusalOf({ method, headers }: NextApiRequest): Refusal | null {
  const reason = sameOriginRefusal({
    method,
    contentType: headers['content-type'],
    origin: headers.origin,
    secFetchSite: headers['sec-fetch-site']?.toString(),
    host: headers.host,
    publicUrl: webEnvironment().publicUrl,
  });
  if (reason !== null) return reason;
  return method === 'POST' && headers['trpc-accept'] !== undefined ? 'streaming' : null;
}
