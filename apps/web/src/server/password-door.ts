import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { countLogIn, NO_STORE } from '@repo/session-management/node';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { localeOfRequest } from './locale.ts';
import { errorMessage } from './messages.ts';
import { passwordQueues } from './password-queues.ts';
import type { authRouter } from './trpc/routers/auth.ts';

/** Lets a request in, at once, in its turn or not at all. */
type Door = (
  request: IncomingMessage,
  response: ServerResponse,
  letIn: () => Promise<void>,
) => Promise<void>;

/** Where the production server finds the door of the built application. */
const DOOR = Symbol.for('@repo/web/password-door');

type Procedure = `auth.${keyof (typeof authRouter)['_def']['record'] & string}`;

const LOG_IN: Procedure = 'auth.login';
/** The procedures that hash a password. */
const WITH_PASSWORD: ReadonlySet<string> = new Set<Procedure>([
  LOG_IN,
  'auth.register',
  'auth.changePassword',
  'auth.confirmIdentity',
]);

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
  const names = proceduresOf(request.url ?? '');
  if (!names.some((name) => WITH_PASSWORD.has(name))) return await letIn();
  await arrived(request);
  const { requests } = passwordQueues();
  if (requests.isFull) return refuse(request, response, names);
  await requests.run(async () => {
    // Whoever gave up while waiting needs no answer.
    if (!response.closed) await letIn();
  });
};

/**
 * Who sends slowly takes no turn from anybody: a place is for a request that is all there, or for one
 * that is larger than what is read ahead, since that is refused at once.
 */
async function arrived(request: IncomingMessage): Promise<void> {
  let wait = FIRST_LOOK_MS;
  while (!request.complete && !request.destroyed && !isFull(request)) {
    await delay(wait);
    wait = Math.min(2 * wait, LAST_LOOK_MS);
  }
}

function isFull({ readableHighWaterMark, readableLength }: IncomingMessage): boolean {
  return readableLength >= readableHighWaterMark;
}

/** The names of a call, or of the calls of a batch. */
function proceduresOf(url: string): string[] {
  if (!url.startsWith(TRPC)) return [];
  const [path = ''] = url.slice(TRPC.length).split('?');
  try {
    return decodeURIComponent(path).split(',');
  } catch {
    return [];
  }
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
