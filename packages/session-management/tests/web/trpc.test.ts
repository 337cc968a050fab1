import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  adminProcedure,
  createCallerFactory,
  freshProcedure,
  ownProcedure,
  protectedProcedure,
  publicProcedure,
  refusal,
  router,
  type SessionContext,
} from '../../src/trpc.ts';
import {
  EmailTakenError,
  IdentityNotFreshError,
  type SessionManagerInterface,
  SessionStoreUnavailableError,
  UserNotFoundError,
} from '../../src/types/index.ts';

const failing = (error: () => Error) =>
  publicProcedure.query(() => {
    throw error();
  });

const appRouter = router({
  open: publicProcedure.query(() => 'open'),
  own: protectedProcedure.query(({ ctx }) => `${ctx.user.id} ${ctx.session.id}`),
  alone: ownProcedure.query(({ ctx }) => ctx.user.id),
  fresh: freshProcedure.query(({ ctx }) => ctx.session.authenticatedAt),
  admin: adminProcedure.query(({ ctx }) => ctx.user.role),
  typed: publicProcedure.input(z.strictObject({ name: z.string() })).query(() => 'ok'),
  taken: failing(() => new EmailTakenError()),
  outage: failing(() => new SessionStoreUnavailableError('redis', 'read', new Error('10.0.0.9'))),
  nobody: failing(() => new UserNotFoundError()),
  refused: failing(() => refusal('FORBIDDEN', 'TOO_YOUNG')),
  crash: failing(() => Object.assign(new Error('connect 10.0.0.9'), { code: 'ECONNREFUSED' })),
});

const req = new IncomingMessage(new Socket());

function contextOf(part: Partial<SessionContext>): SessionContext {
  return {
    req,
    res: new ServerResponse(req),
    ip: '203.0.113.7',
    user: null,
    session: null,
    sessionStatus: 'none',
    sessionId: null,
    presented: [],
    sessions: { validateSession: async () => ({ status: 'none', reason: 'absent' }) },
    locale: 'en',
    getErrorMessage: (code) => `text of ${code}`,
    ...part,
  };
}

function signedIn(role: 'USER' | 'ADMIN'): SessionContext {
  const user = { id: 'u1', email: 'a@b.example', isVerified: true, role, createdAt: new Date(0) };
  const times = { createdAt: 0, authenticatedAt: 0, expiresAt: 1, absoluteExpiresAt: 2 };
  const place = { userId: 'u1', realm: 'web', ip: '203.0.113.7', userAgent: null, actor: null };
  return contextOf({ sessionStatus: 'active', user, session: { id: 'h1', ...times, ...place } });
}

const call = (context: SessionContext) => createCallerFactory(appRouter)(context);

describe('procedures', () => {
  it('let everybody call a public one, also in an outage', async () => {
    expect(await call(contextOf({})).open()).toBe('open');
    expect(await call(contextOf({ sessionStatus: 'unavailable' })).open()).toBe('open');
  });

  it('give a protected one its user and session', async () => {
    expect(await call(signedIn('USER')).own()).toBe('u1 h1');
  });

  it.each([
    ['none', 'UNAUTHORIZED'],
    ['unavailable', 'SERVICE_UNAVAILABLE'],
  ] as const)('answer status %s by %s where a user is needed', async (sessionStatus, code) => {
    const caller = call(contextOf({ sessionStatus }));
    await expect(caller.own()).rejects.toMatchObject({ code });
    await expect(caller.admin()).rejects.toMatchObject({ code });
  });

  it('let administrators only into an admin one', async () => {
    expect(await call(signedIn('ADMIN')).admin()).toBe('ADMIN');
    await expect(call(signedIn('USER')).admin()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

it('lets nobody into an own procedure but the user, and no administrator in their place', async () => {
  const { session, ...rest } = signedIn('USER');
  if (session === null) throw new Error('nobody is signed in');
  expect(await call({ ...rest, session }).alone()).toBe('u1');

  const actor = { userId: 'root', handle: 'h0' };
  const acted = call({ ...rest, session: { ...session, actor } });
  expect(await acted.own()).toBe('u1 h1');
  await expect(acted.alone()).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'IMPERSONATED' });
  await expect(call(contextOf({})).alone()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

describe('a fresh procedure', () => {
  const asked = (validateSession: SessionManagerInterface['validateSession']) =>
    call({ ...signedIn('USER'), sessionId: 'the id', sessions: { validateSession } }).fresh();

  it('asks for a fresh identity, by the id in use, and gives what the record says now', async () => {
    const { session, user } = signedIn('USER');
    if (user === null || session === null) throw new Error('nobody is signed in');
    const calls: unknown[] = [];
    const authenticatedAt = await asked(async (...args) => {
      calls.push(args);
      return { status: 'active', user, session: { ...session, authenticatedAt: 7 } };
    });

    expect(authenticatedAt).toBe(7);
    expect(calls).toEqual([['the id', { fresh: true }]]);
  });

  it.each([
    ['an old proof', new IdentityNotFreshError(), 'FORBIDDEN', 'IDENTITY_NOT_FRESH'],
    [
      'an outage',
      new SessionStoreUnavailableError('postgres', 'lookup'),
      'SERVICE_UNAVAILABLE',
      'STORE_UNAVAILABLE',
    ],
  ])('answers %s by its own code', async (_what, error, code, message) => {
    await expect(asked(() => Promise.reject(error))).rejects.toMatchObject({ code, message });
  });

  it('lets nobody in whose session has ended meanwhile', async () => {
    const ended = asked(async () => ({ status: 'none', reason: 'revoked' }));
    await expect(ended).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await expect(call(contextOf({})).fresh()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });
});

describe('the answer to an error', () => {
  async function answerOf(path: string, input?: unknown) {
    const url = new URL(`http://localhost/${path}`);
    if (input !== undefined) url.searchParams.set('input', JSON.stringify(input));
    const response = await fetchRequestHandler({
      endpoint: '',
      req: new Request(url),
      router: appRouter,
      createContext: () => contextOf({}),
    });
    const text = await response.text();
    return { status: response.status, text, error: JSON.parse(text).error };
  }

  it.each([
    ['taken', 409, 'CONFLICT', 'EMAIL_TAKEN'],
    ['outage', 503, 'SERVICE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
    ['nobody', 404, 'NOT_FOUND', 'USER_NOT_FOUND'],
    ['refused', 403, 'FORBIDDEN', 'TOO_YOUNG'],
    ['own', 401, 'UNAUTHORIZED', 'UNAUTHORIZED'],
    ['crash', 500, 'INTERNAL_SERVER_ERROR', 'INTERNAL_SERVER_ERROR'],
    ['nowhere', 404, 'NOT_FOUND', 'NOT_FOUND'],
  ])('of %s is %d %s with the stable code %s', async (path, httpStatus, code, sessionCode) => {
    const { status, error } = await answerOf(path);

    expect(status).toBe(httpStatus);
    expect(error).toMatchObject({
      message: `text of ${sessionCode}`,
      data: { code, httpStatus, sessionCode, fields: [] },
    });
  });

  it.each(['outage', 'crash'])('of %s holds no stack and no word of the driver', async (path) => {
    const { text } = await answerOf(path);

    expect(text).not.toMatch(/stack|10\.0\.0\.9|ECONNREFUSED|\.ts:/);
  });

  it('names the fields that were refused', async () => {
    const { status, error } = await answerOf('typed', { name: 7 });

    expect(status).toBe(400);
    expect(error.data).toMatchObject({ sessionCode: 'BAD_REQUEST', fields: ['name'] });
  });
});
