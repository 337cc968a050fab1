import { initTRPC } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { describe, expect, it } from 'vitest';
import {
  adminProcedure,
  freshProcedure,
  ownProcedure,
  protectedProcedure,
  router,
} from '../../src/trpc.ts';

/** Somebody else's `t`: nothing of our context is in its types, and nothing makes it so. */
const foreign = initTRPC.context<object>().create();

const GUARDS = {
  signedIn: protectedProcedure.query(() => 'let in'),
  own: ownProcedure.query(() => 'let in'),
  fresh: freshProcedure.query(() => 'let in'),
  admin: adminProcedure.query(() => 'let in'),
};
const names = Object.keys(GUARDS);

const user = { id: 'u1', email: 'a@b.example', isVerified: true, role: 'ADMIN' };
const session = { id: 'h1', userId: 'u1', realm: 'web', actor: null };
const ours = {
  sessionStatus: 'active',
  user,
  session,
  sessionId: 'the id',
  sessions: { validateSession: async () => ({ status: 'active', user, session }) },
  getErrorMessage: (code: string) => code,
};

/** Our context but for one field, of its own or of its user or session. */
function without(field: string, of?: 'user' | 'session'): object {
  const copy = { ...ours, user: { ...user }, session: { ...session } };
  Reflect.deleteProperty(of === undefined ? copy : copy[of], field);
  return copy;
}

const STRANGERS: [string, unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['{}', {}],
  ['of headers and a database alone', { headers: new Headers(), db: {} }],
  ['of another library, with its own session', { session: { user, expires: '2099' } }],
  ['of another library, with a user and a session', { user, session: { id: 's', token: 't' } }],
  ['with a user alone', { user }],
  ['that says active and names nobody', { sessionStatus: 'active' }],
  ['that says active and has empty objects', { sessionStatus: 'active', user: {}, session: {} }],
  ['that says true', { ...ours, sessionStatus: true }],
  ['without its status', without('sessionStatus')],
  ['without its user', without('user')],
  ['without its session', without('session')],
  ["without the user's id", without('id', 'user')],
  ["without the session's id", without('id', 'session')],
  ["without the session's user", without('userId', 'session')],
  ["with somebody else's session", { ...ours, session: { ...session, userId: 'u2' } }],
];

async function answerOf(name: string, context: unknown, served: 'ours' | 'foreign') {
  const response = await fetchRequestHandler({
    endpoint: '',
    req: new Request(`http://localhost/${name}`),
    router: served === 'ours' ? router(GUARDS) : foreign.router(GUARDS),
    // biome-ignore lint/suspicious/noExplicitAny: what nobody's types promise is what is tried
    createContext: () => context as any,
  });
  return { status: response.status, text: await response.text() };
}

describe.each(['foreign', 'ours'] as const)('guards in a router that is %s', (served) => {
  describe.each(names)('%s', (name) => {
    it.each(STRANGERS)('refuses a context %s', async (_what, context) => {
      const { status, text } = await answerOf(name, context, served);

      expect(text).not.toContain('let in');
      expect(status).toBe(401);
    });

    it('lets in whom it has seen to be active', async () => {
      expect(await answerOf(name, ours, served)).toMatchObject({ status: 200 });
    });
  });

  it.each([
    ['actor', 'own', 403],
    ['sessions', 'fresh', 401],
    ['sessionId', 'fresh', 200],
  ])('without %s, %s is answered %d', async (field, name, status) => {
    const context = field === 'actor' ? without(field, 'session') : without(field);
    expect((await answerOf(name, context, served)).status).toBe(status);
  });

  it('fresh refuses what the record says of another than its own session', async () => {
    const found = { status: 'active', user: { ...user, id: 'u2' }, session };
    const context = { ...ours, sessions: { validateSession: async () => found } };
    expect((await answerOf('fresh', context, served)).status).toBe(401);
  });

  it('admin refuses a user without a role', async () => {
    expect((await answerOf('admin', without('role', 'user'), served)).status).toBe(403);
  });
});
