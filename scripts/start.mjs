// npm start: builds what is not built, then serves the web application until Ctrl-C.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, built } from './build.mjs';
import { isTaken, startServer, untilReady } from './server.mjs';
import { color, environment, main, Problem, ROOT, run, step } from './steps.mjs';

const PARENT = process.ppid;
const HELP = `npm start                  serve on in-memory stores, with sample accounts
npm start -- --stores      serve on PostgreSQL and Redis: private ones, gone at the end,
                           or those of DATABASE_URL and REDIS_URL
PORT=3001 npm start        another port (default 3000)`;

async function start() {
  const { stores, help } = flags();
  if (help) return console.log(HELP);

  const port = portFrom(process.env.PORT);
  if (await isTaken(port)) {
    throw new Problem(
      `Port ${port} is taken. Stop what runs there, or choose another: PORT=${port + 1} npm start`,
    );
  }
  await build();

  const asked = askedToStop();
  const mode = stores ? await onStores(port) : await inMemory();
  try {
    await serve({ ...mode, port }, asked);
  } finally {
    await mode.end();
  }
}

async function serve({ name, account, env, port }, asked) {
  const address = `http://localhost:${port}`;
  const server = await startServer(port, environment({ ...env, PUBLIC_URL: address }));
  try {
    const began = step('Server', () => Promise.race([untilReady(address), server.ended, asked]));
    if ((await began) === STOP) return;

    console.log(`\n  ${color('bold', address)}\n  ${name}\n  ${account}\n  Ctrl-C ends it.\n`);
    server.letSpeak();
    await Promise.race([server.ended, asked]);
  } finally {
    await server.end();
  }
}

/** The mode without stores: NODE_ENV `test` is where the package has its sample accounts. */
async function inMemory() {
  const { SAMPLE_PASSWORD, sampleUsers } = await import(built('packages/exchange-core'));
  const emails = sampleUsers().map((user) => user.email);
  return {
    name: 'Mock mode: everything in memory, gone when it ends.',
    account: `Sign in as ${emails.join(', ')} with the password "${SAMPLE_PASSWORD}".`,
    env: { NODE_ENV: 'test', DATABASE_URL: undefined, REDIS_URL: undefined },
    end: async () => {},
  };
}

async function onStores() {
  const given = givenStores();
  const { databaseUrl, redisUrl, stop } = given ?? (await step('Private stores', startPrivate));
  const env = {
    NODE_ENV: 'production',
    FORCE_MOCK_MODE: undefined,
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
  };
  try {
    const cli = join(ROOT, 'packages/session-management/dist/cli/main.js');
    const migrate = () => run(process.execPath, [cli, 'migrate'], { env: environment(env) });
    await step('Migrations', async () => void (await migrate()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    // Addresses from the environment may hold passwords.
    name:
      given === null
        ? `On ${databaseUrl} and ${redisUrl}, private, gone when it ends.`
        : 'On the PostgreSQL and the Redis of DATABASE_URL and REDIS_URL.',
    account: `There is no sample account: register one at /register.`,
    env,
    end: stop,
  };
}

async function startPrivate() {
  const { startStores } = await import(built('tooling/local-stores'));
  return startStores();
}

function givenStores() {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = process.env;
  if (!databaseUrl && !redisUrl) return null;
  if (databaseUrl && redisUrl) return { databaseUrl, redisUrl, stop: async () => {} };
  const [set, missing] = databaseUrl
    ? ['DATABASE_URL', 'REDIS_URL']
    : ['REDIS_URL', 'DATABASE_URL'];
  throw new Problem(
    `${set} is set and ${missing} is not. Set both, or neither for private stores.`,
  );
}

const STOP = Symbol('asked to stop');

function askedToStop() {
  return new Promise((resolve) => {
    const stop = () => resolve(STOP);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
    // A signal to npm ends npm and its shell; it does not reach us.
    const orphaned = () => process.ppid !== PARENT;
    if (process.env.npm_lifecycle_event) setInterval(() => orphaned() && stop(), 250).unref();
  });
}

function flags() {
  const options = { stores: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Problem(`${error.message}\n\n${HELP}`);
  }
}

function portFrom(text = '3000') {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new Problem(`PORT is "${text}". It takes a number from 1 to 65535.`);
}

// A closed terminal must not keep us from ending in good order.
process.stdout.on('error', () => {});
await main(start);
process.exit();
