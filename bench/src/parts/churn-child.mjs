// A process of its own, so that nothing but the product is in its heap.
import { Socket } from 'node:net';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import { sessionIdAt, userIdAt } from '../bulk.mjs';
import { lookUpAll, ourManager } from '../cases/ours.mjs';
import { repeatable } from '../measure/orders.mjs';
import { forEachOf } from '../measure/waits.mjs';
import { IP, TTL_SECONDS, USER_AGENT } from '../population.mjs';

const AT_ONCE = 64;
const QUARTERS = 4;
/** One lookup in so many is followed by a log-out and a log-in. */
const LOG_IN_EVERY = 100;
/** As many lookups as there are sessions leave near copies full, and JIT and pools warm. */
const WARM_PASSES = 1;
const SETTLE_MS = 1_500;
const GC_PASSES = 3;

const leaks = { count: 0 };
process.on('warning', ({ name }) => {
  if (name === 'MaxListenersExceededWarning') leaks.count++;
});
const Timer = setTimeout(() => undefined, 0).constructor;

process.once('message', async ({ urls, plan }) => {
  const answer = await churn(urls, plan).catch((error) => ({ error: error.stack }));
  process.send(answer, () => process.exit());
});

async function churn(urls, { sessions, lookups, seconds }) {
  const manager = await ourManager(urls);
  const sessionIds = Array.from({ length: sessions }, (_, at) => sessionIdAt(at));
  const done = { lookups: 0, logIns: 0, wrong: 0, seconds: 0 };
  const state = { manager, sessionIds, done, random: repeatable(5), deadline: 0 };
  for (let pass = 0; pass < WARM_PASSES; pass++) await lookUpAll(manager, sessionIds);
  const began = performance.now();
  state.deadline = began + seconds * 1_000;
  await someOf(state, lookups / LOG_IN_EVERY);
  const looks = [await look()];
  for (let quarter = 1; quarter <= QUARTERS; quarter++) {
    await someOf(state, (quarter / QUARTERS) * lookups - done.lookups);
    looks.push(await look());
    const heap = Math.round(looks.at(-1).heap / 2 ** 20);
    process.send({ said: `quarter ${quarter}: ${done.lookups} lookups, heap ${heap} MiB` });
  }
  done.seconds = (performance.now() - began) / 1_000;
  await manager.close();
  return { looks, done };
}

async function someOf(state, count) {
  const { sessionIds, random, done, deadline } = state;
  await forEachOf(Array.from({ length: count }), AT_ONCE, async () => {
    if (performance.now() > deadline) return;
    const at = Math.floor(random() * sessionIds.length);
    await lookUp(state, at);
    done.lookups++;
    if (done.lookups % LOG_IN_EVERY === 0) await logInAnew(state, at);
  });
}

async function lookUp({ manager, sessionIds, done }, at) {
  const sessionId = sessionIds[at];
  const { status } = await manager.validateSession(sessionId);
  if (status !== 'active' && sessionIds[at] === sessionId) done.wrong++;
}

/** The user's session is another one from now on; the old one has ended. */
async function logInAnew({ manager, sessionIds, done }, at) {
  const old = sessionIds[at];
  const metadata = { ip: IP, userAgent: USER_AGENT };
  sessionIds[at] = await manager.createSession(userIdAt(at), metadata, TTL_SECONDS);
  await manager.deleteSession(old);
  if ((await manager.validateSession(old)).status === 'active') done.wrong++;
  done.logIns++;
}

/** What this process holds when nothing is under way. */
async function look() {
  await delay(SETTLE_MS);
  // The timer of this very wait still holds the chain of those before it.
  for (let pass = 0; pass < GC_PASSES; pass++) {
    await turn();
    globalThis.gc();
  }
  return {
    heap: process.memoryUsage().heapUsed,
    timers: queryObjects(Timer),
    sockets: queryObjects(Socket),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    leaks: leaks.count,
  };
}
