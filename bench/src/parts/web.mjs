import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import autocannon from 'autocannon';
import { ratiosOf, spreadOf } from '../measure/statistics.mjs';
import { makeUsers } from '../population.mjs';
import { countRow, noteRow, ratioRow } from '../report/rows.mjs';

const SERVER = fileURLToPath(new URL('../web/server.mjs', import.meta.url));
const APP = fileURLToPath(new URL('../../web', import.meta.url));
const USERS = 500;
/** Callers in turn on one connection: each of them keeps its requests made up. */
const CALLERS = 20;
const WARM_SECONDS = 2;
const CHECKS = {
  none: 'no check',
  ours: 'our near copy',
  'seed-prisma': "the document's design, Prisma",
  'better-auth-redis': 'better-auth on Redis',
};
const LEAST = { 1: 0.92, 32: 0.97, 256: 0.97 };

/**
 * One Next.js production server in a process of its own, one tRPC procedure, asked in a closed loop: by
 * a caller that is believed, and by callers whose session is checked in one way or another.
 */
export async function measureWeb({ plan, say }) {
  await buildApp();
  say('built the Next.js application');
  const server = fork(SERVER, [String(USERS)], { env: { ...process.env, NODE_ENV: 'production' } });
  server.once('exit', () => server.emit('message', { type: 'ended' }));
  try {
    const ready = await answerOf(server, 'ready');
    const web = { server, url: `http://127.0.0.1:${ready.port}`, ...callersOf(ready.sessionIds) };
    await assertAnswers(web);
    say('each check answers with its caller');
    return rowsOf(await roundsOf(web, plan.web, say), plan.web);
  } finally {
    if (server.connected) {
      server.disconnect();
      await once(server, 'exit');
    }
  }
}

async function buildApp() {
  const bin = createRequire(new URL('../../web/', import.meta.url)).resolve('next/dist/bin/next');
  const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' };
  await promisify(execFile)(process.execPath, [bin, 'build'], { cwd: APP, env });
}

async function answerOf(server, type) {
  for (;;) {
    const [message] = await once(server, 'message');
    if (message.type === type) return message;
    if (message.type === 'ended') throw new Error('the Next.js server ended');
  }
}

function callersOf(sessionIds) {
  const users = makeUsers(USERS);
  const headersOf = (check, index) => ({
    cookie: `sessionId=${sessionIds[index]}`,
    'x-check': check,
    'x-index': String(index),
  });
  return { users, headersOf };
}

async function assertAnswers({ url, users, headersOf }) {
  for (const check of Object.keys(CHECKS)) {
    for (let index = 0; index < CALLERS; index++) {
      const answer = await fetch(`${url}/api/trpc/me`, { headers: headersOf(check, index) });
      const email = (await answer.json()).result?.data.email;
      if (email !== users[index].email) throw new Error(`${check} does not know its caller`);
    }
  }
  const stranger = await fetch(`${url}/api/trpc/me`, {
    headers: { 'x-check': 'ours', cookie: `sessionId=${'x'.repeat(43)}` },
  });
  if (stranger.status !== 401) throw new Error('the check lets a stranger in');
}

async function roundsOf(web, plan, say) {
  const found = new Map();
  const names = Object.keys(CHECKS);
  for (const check of names) await ask(web, { check, connections: 32, seconds: WARM_SECONDS });
  for (let round = 0; round < plan.rounds; round++) {
    for (const connections of plan.concurrency) {
      for (let step = 0; step < names.length; step++) {
        const check = names[(step + round) % names.length];
        const key = `${check} ${connections}`;
        const slices = found.get(key) ?? [];
        slices.push(await ask(web, { check, connections, seconds: plan.seconds }));
        found.set(key, slices);
      }
    }
    say(`round ${round + 1} of ${plan.rounds}`);
  }
  return found;
}

async function ask({ server, url, headersOf }, { check, connections, seconds }) {
  server.send({ type: 'refresh' });
  await answerOf(server, 'refreshed');
  const requests = Array.from({ length: CALLERS }, (_, index) => ({
    path: '/api/trpc/me',
    headers: headersOf(check, index),
  }));
  const result = await autocannon({ url, connections, duration: seconds, requests });
  const bad = result.non2xx + result.errors + result.timeouts;
  return { perSecond: result['2xx'] / result.duration, p50: result.latency.p50, bad };
}

function rowsOf(found, { concurrency }) {
  const rates = (check, connections) =>
    found.get(`${check} ${connections}`).map(({ perSecond }) => perSecond);
  const bad = [...found.values()].flat().reduce((sum, slice) => sum + slice.bad, 0);
  const against = (check, connections) =>
    ratioRow({
      id: `7 ${check} ${connections}`,
      what: `Next.js + tRPC, ${connections}: ${CHECKS[check]} against no check`,
      values: ratiosOf(rates(check, connections), rates('none', connections)),
      least: check === 'ours' ? LEAST[connections] : null,
    });
  return [
    countRow({ id: '7 refused', what: 'Next.js + tRPC: answers but 200', value: bad, most: 0 }),
    ...Object.keys(CHECKS)
      .filter((check) => check !== 'none')
      .flatMap((check) => concurrency.map((connections) => against(check, connections))),
    ...concurrency.map((connections) =>
      noteRow({
        id: `7 none ${connections}`,
        what: `Next.js + tRPC, ${connections}: no check`,
        value: spreadOf(rates('none', connections)).median,
        unit: '/s',
      }),
    ),
  ];
}
