import type { IncomingMessage, ServerResponse } from 'node:http';
import { NO_STORE } from '@repo/session-management/node';
import { localeOfRequest } from '../locale.ts';
import { errorMessage } from '../messages.ts';

const BAD_REQUEST = { httpStatus: 400, code: 'BAD_REQUEST' } as const;

const ANSWERS = {
  method: { httpStatus: 405, code: 'METHOD_NOT_SUPPORTED', sessionCode: 'METHOD_NOT_SUPPORTED' },
  'cross-site': { httpStatus: 403, code: 'FORBIDDEN', sessionCode: 'CROSS_SITE' },
  'content-type': { httpStatus: 415, code: 'UNSUPPORTED_MEDIA_TYPE', sessionCode: 'BAD_REQUEST' },
  streaming: { ...BAD_REQUEST, sessionCode: 'STREAMING_REFUSED' },
  names: { ...BAD_REQUEST, sessionCode: 'BAD_REQUEST' },
  'too-many-calls': { ...BAD_REQUEST, sessionCode: 'BATCH_TOO_LARGE' },
  'too-many-passwords': { ...BAD_REQUEST, sessionCode: 'PASSWORD_CALLS_BATCHED' },
  body: { httpStatus: 413, code: 'PAYLOAD_TOO_LARGE', sessionCode: 'PAYLOAD_TOO_LARGE' },
} as const;

/** Why a request is refused before anything is looked up. */
export type Refusal = keyof typeof ANSWERS;

/** Answers as a procedure that refuses does, whether or not the framework has seen the request. */
export function answerRefusal(
  { headers }: IncomingMessage,
  response: ServerResponse,
  reason: Refusal,
): void {
  const { httpStatus, code, sessionCode } = ANSWERS[reason];
  const message = errorMessage(sessionCode, localeOfRequest(headers));
  const data = { code, httpStatus, sessionCode, fields: [] };
  response.writeHead(httpStatus, {
    'Cache-Control': NO_STORE,
    'Content-Type': 'application/json',
    'X-Content-Type-Options': 'nosniff',
    ...(reason === 'method' ? { Allow: 'GET, POST' } : {}),
  });
  response.end(JSON.stringify({ error: { message, code: -32_600, data } }));
}
