// A Next.js production server whose one procedure knows its caller by one of several checks.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { readCredentials, resolveSession } from '@repo/session-management/node';
import next from 'next';
import { openCases } from '../cases/open-cases.mjs';
import { makeUsers } from '../population.mjs';
import { openStores } from '../stores.mjs';

const CHECKS = Symbol.for('sessions-bench.checks');
const COOKIE = 'sessionId';
const PEERS = ['seed-prisma', 'better-auth-redis'];

const users = makeUsers(Number(process.argv[2]));
const stores = await openStores();
process.once('disconnect', end);
await serve().catch(async (error) => {
  console.error(error);
  process.exitCode = 1;
  await end();
});

async function serve() {
  const opened = await openCases({ stores, users }, ['ours-near', ...PEERS]);
  const by = Object.fromEntries(opened.map(({ id, open }) => [id, open]));
  globalThis[CHECKS] = checksOf(by);
  const app = next({ dir: fileURLToPath(new URL('../../web', import.meta.url)), dev: false });
  await app.prepare();
  const server = createServer(app.getRequestHandler());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { sessionIds, refresh } = by['ours-near'];
  process.on('message', async ({ type }) => {
    if (type !== 'refresh') return;
    await refresh();
    process.send({ type: 'refreshed' });
  });
  process.send({ type: 'ready', port: server.address().port, sessionIds });
}

/** The stores know nobody else; pools and links of the peers would keep the process. */
async function end() {
  await stores.stop().catch(() => undefined);
  process.exit();
}

/** Ours reads the cookie, by the doors that an application uses; the peers are handed theirs. */
function checksOf(by) {
  const { manager } = by['ours-near'];
  const ours = async ({ headers: { cookie: cookieHeader, authorization } }) => {
    const presented = readCredentials({ cookieHeader, authorization }, COOKIE);
    const { user } = await resolveSession(manager, presented);
    return user?.email ?? null;
  };
  const peer =
    ({ check, who }) =>
    async ({ headers }) => {
      const answer = await check(Number(headers['x-index']));
      return answer === null ? null : who(answer);
    };
  return {
    none: async ({ headers }) => users[Number(headers['x-index'])].email,
    ours,
    ...Object.fromEntries(PEERS.map((id) => [id, peer(by[id])])),
  };
}
