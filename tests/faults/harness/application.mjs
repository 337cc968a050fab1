// One application process of the fault tests: a manager of the built package, driven over IPC.
// PACKAGE_DOOR is the address of its door.
import { performance } from 'node:perf_hooks';

const { isSessionError, UserManagerFactory } = await import(process.env.PACKAGE_DOOR);

const METADATA = { ip: '203.0.113.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0' };
const faults = [];

const manager = await UserManagerFactory.create();

// From here on; what goes wrong before ends the process, as it should.
process.on('unhandledRejection', (reason) => faults.push(`unhandled rejection: ${nameOf(reason)}`));
process.on('uncaughtException', (error) => faults.push(`uncaught exception: ${nameOf(error)}`));
process.on('warning', ({ name }) => {
  if (name === 'MaxListenersExceededWarning') faults.push(name);
});

const VERBS = {
  validate: async ({ token }) => outcomeOf(await manager.validateSession(token)),
  confirm: async ({ token }) => outcomeOf(await manager.validateSession(token, { confirm: true })),
  create: async ({ userId, ttl }) => ack(await manager.createSession(userId, METADATA, ttl)),
  delete: async ({ token }) => ack(await manager.deleteSession(token)),
  extend: async ({ token, ttl }) => ack(await manager.extendSession(token, ttl)),
  revokeAll: async ({ userId }) => ack(await manager.revokeAllSessions(userId)),
  revokeOthers: async ({ token }) => {
    const found = await manager.validateSession(token);
    if (found.status !== 'active') return outcomeOf(found);
    return ack(await manager.revokeOtherSessions(found.user.id, found.session.id));
  },
  changePassword: async ({ userId, hashedPassword }) =>
    ack((await manager.update(userId, { hashedPassword })) !== null),
  newUser: async ({ email }) =>
    ack((await manager.create({ email, role: 'USER', isVerified: true })).id),
  logIn: async (attempt) => ack((await manager.guardLogIn(attempt, async () => ({}))) !== null),
  guess: async ({ tries, ...attempt }) => ack(await evaluated(attempt, tries)),
  count: async ({ userId }) => ack((await manager.listSessions(userId)).length),
  health: async () => ack((await manager.health()).stores),
  propagation: async () => ack((await manager.health()).propagation),
  stall: async ({ ms }) => ack(stall(ms)),
  report: async () => ack({ faults, sockets: sockets() }),
};

process.on('message', ({ id, verb, args }) => {
  const began = performance.now();
  VERBS[verb](args)
    .catch(failure)
    .then((outcome) => process.send({ id, outcome, took: performance.now() - began }));
});

// An application that is asked to end lets its manager finish, then ends by itself.
process.on('SIGTERM', async () => {
  await manager.close();
  process.disconnect();
});
process.on('disconnect', () => setTimeout(() => process.exit(3), 12_000).unref());

process.send({ id: 'ready' });

/** How many of so many wrong passwords at once were looked at. */
async function evaluated(attempt, tries) {
  let looks = 0;
  const look = async () => {
    looks += 1;
    return null;
  };
  const guesses = Array.from({ length: tries }, () => manager.guardLogIn(attempt, look));
  for (const { reason } of await Promise.allSettled(guesses)) {
    if (reason !== undefined && reason.code !== 'LOGIN_THROTTLED') throw reason;
  }
  return looks;
}

function outcomeOf(found) {
  if (found.status === 'none') return { kind: 'invalid', reason: found.reason };
  return { kind: 'valid', userId: found.user.id, role: found.user.role };
}

function ack(value) {
  return { kind: 'ack', value };
}

function failure(error) {
  if (!isSessionError(error)) return { kind: 'error', code: nameOf(error) };
  return error.code === 'STORE_UNAVAILABLE'
    ? { kind: 'unknown' }
    : { kind: 'error', code: error.code };
}

/** Class and first line: enough to find it, without what a driver may have put behind. */
function nameOf(error) {
  return error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : typeof error;
}

function stall(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

/** Open sockets: what grows from fault to fault is leaked. */
function sockets() {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length;
}
