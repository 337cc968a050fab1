// The production server. Asked to end, it answers what it has begun, lets the sessions finish
// (what waits is written and delivered) and ends by itself. `next start` would not wait for that.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { UserManagerFactory } from '@repo/session-management';
import next from 'next';

/** Longest wait for an end in good order. Whoever asked for it loses patience at about that time. */
const PATIENCE_MS = 10_000;
/** Between two looks for connections whose last answer is given. */
const SWEEP_MS = 50;
/** What the application lets requests with a password wait at; see src/server/password-door.ts. */
const DOOR = Symbol.for('@repo/web/password-door');
/**
 * Longer than common proxies keep a connection (60 s): who sends requests must be the first to close
 * it, or one of them meets a closed connection and is answered 502.
 */
const KEPT_MS = 65_000;
/** Within which the head of a request must be there, and all of it; looked at every so often. */
const ARRIVAL = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
};

async function serve({ hostname, port }) {
  const dir = fileURLToPath(new URL('.', import.meta.url));
  const app = next({ dir, dev: false, hostname, port });
  await app.prepare();
  const handle = app.getRequestHandler();
  const server = createServer(ARRIVAL, (request, response) => {
    // On a connection that is kept, another request could follow for ever.
    if (!server.listening) response.setHeader('Connection', 'close');
    // There from the application's own start on, which the first request may be ahead of.
    const door = Reflect.get(globalThis, DOOR) ?? straightIn;
    door(request, response, () => handle(request, response)).catch((error) =>
      refuse(response, error),
    );
  });
  server.keepAliveTimeout = KEPT_MS;
  await once(server.listen(port, hostname), 'listening');
  return { app, server };
}

async function end({ app, server }) {
  setTimeout(() => process.exit(1), PATIENCE_MS).unref();
  const answered = once(server, 'close');
  server.close();
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  await answered;
  clearInterval(sweep);
  await app.close();
  await UserManagerFactory.getCachedInstance()?.close();
}

function straightIn(_request, _response, letIn) {
  return letIn();
}

function refuse(response, error) {
  console.error(error);
  if (!response.headersSent) response.statusCode = 500;
  response.end();
}

const { values } = parseArgs({
  options: {
    hostname: { type: 'string', short: 'H', default: 'localhost' },
    port: { type: 'string', short: 'p', default: '3000' },
  },
});
const asked = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)));
const running = await serve({ hostname: values.hostname, port: Number(values.port) });
await asked;
await end(running);
