import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { countLogIn, NO_STORE } from '@repo/session-management/node';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { localeOfRequest } from './locale.ts';
import { errorMessage } from './messages.ts';
import { departures, passwordQueues } from './password-queues.ts';
import { batchRefusal, callsOf, LOG_IN, MOST_BODY_BYTES, mayHash } from './trpc/calls.ts';
import { answerRefusal } from './trpc/refusals.ts';

/** Lets a request in, at once, in its turn or not at all. */
type Door = (
  request: IncomingMessage,
  response: ServerResponse,
  letIn: () => Promise<void>,
) => Promise<void>;

/** Where the production server finds the door of the built application. */
const DOOR = Symbol.for('@repo/web/password-door');

const TRPC = '/api/trpc/';
const TOO_BUSY = 'TOO_BUSY';
const HEADERS = {
  'Cache-Control': NO_STORE,
  'Content-Type': 'application/json',
  'Retry-After': '1',
  'X-Content-Type-Options': 'nosniff',
};

const FIRST_LOOK_MS = 5;
const LAST_LOOK_MS = 500;

export function openDoor(): void {
  Reflect.set(globalThis, DOOR, throughDoor);
}

/**
 * Before the framework sees a request: a rush of log-ins must not make everybody else wait, and the
 * framework alone takes a millisecond for each, whatever comes of it. Beyond what can be answered
 * soon the answer is 503 with `Retry-After`, and the framework never hears of it.
 */
const throughDoor: Door = async (request, response, letIn) => {
  const { url = '' } = request;
  if (!url.startsWith(TRPC)) return await letIn();
  const calls = callsOf(url.slice(TRPC.length).split('?')[0] ?? '');
  if (calls === null) return answerRefusal(request, response, 'names');
  const reason = batchRefusal(calls);
  if (reason !== null) return answerRefusal(request, response, reason);
  if (!calls.some(mayHash)) return await letIn();
  if (!(await arrived(request, response))) return answerRefusal(request, response, 'body');
  const { requests } = passwordQueues();
  if (requests.isFull) return refuse(request, response, calls);
  const left = new Promise<void>((resolve) => response.once('close', resolve));
  await requests.runUntil(left, () =>
    departures().run(left, () => Promise.race([answered(response), letIn()])),
  );
};

/**
 * Who sends slowly takes no turn from anybody: a place is for a request that is all there. `false` for
 * one that is too large, or whose sender has left and hears no answer.
 */
async function arrived(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(2 * wait, LAST_LOOK_MS)) {
    if (request.destroyed || isTooLarge(request)) return false;
    // Behind another request of its connection the response has no socket yet, and would not be told
    // that the connection has closed.
    if (request.complete && response.socket !== null) return true;
    await delay(wait);
  }
}

function isTooLarge({ complete, headers, readableLength }: IncomingMessage): boolean {
  const least = complete ? readableLength : readableLength + 1;
  return Math.max(least, Number(headers['content-length'] ?? 0)) > MOST_BODY_BYTES;
}

/** When the answer is made. It may never be finished: its reader decides how fast it is read. */
function answered(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const { end } = response;
    response.end = (...args: unknown[]) => {
      resolve();
      return Reflect.apply(end, response, args);
    };
  });
}

/** As the application answers when too many hashes wait. */
function refuse(
  { headers, url = '' }: IncomingMessage,
  response: ServerResponse,
  names: readonly string[],
): void {
  for (const name of names) if (name === LOG_IN) countLogIn('failed');
  const message = errorMessage(TOO_BUSY, localeOfRequest(headers));
  const data = { code: 'SERVICE_UNAVAILABLE', httpStatus: 503, sessionCode: TOO_BUSY, fields: [] };
  const answer = { error: { message, code: TRPC_ERROR_CODES_BY_KEY.SERVICE_UNAVAILABLE, data } };
  const isBatch = new URLSearchParams(url.split('?')[1]).get('batch') === '1';
  response.writeHead(503, HEADERS);
  response.end(JSON.stringify(isBatch ? names.map(() => answer) : answer));
}
