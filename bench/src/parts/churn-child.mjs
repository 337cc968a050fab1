// A process of its own, so that nothing but the product is in its heap.
import { Socket } from 'node:net';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import { sessionIdAt, userIdAt } from '../bulk.mjs';
import { lookUpAll, ourManager } from '../cases/ours.mjs';
import { zipfOrder } from '../measure/orders.mjs';
import { forEachOf } from '../measure/waits.mjs';
import { IP, TTL_SECONDS, USER_AGENT } from '../population.mjs';

const AT_ONCE = 32;
const QUARTERS = 4;
/** One lookup in so many is followed by a log-out and a log-in. */
const LOG_IN_EVERY = 100;
/** As many sessions as this leave near copies and what is remembered of each full, and JIT and pools warm. */
const WARM = 100_000;
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
  await lookUpAll(manager, []);
  const sessionIds = Array.from({ length: sessions }, (_, at) => sessionIdAt(at));
  const done = { lookups: 0, logIns: 0, wrong: 0, unanswered: 0, seconds: 0 };
  const began = performance.now();
  const state = { manager, sessionIds, done, deadline: began + seconds * 1_000 };
  const warm = Array.from({ length: Math.min(sessions, WARM) }, (_, at) => at);
  // What comes from the record fills Redis, what comes from Redis fills the near copies.
  for (let pass = 0; pass < 2; pass++) {
    await forEachOf(warm, AT_ONCE, (at) => begin(state, () => lookUp(state, at)));
    await delay(SETTLE_MS);
  }
  const order = zipfOrder(sessions, 5, lookups);
  await each(state, order.subarray(0, lookups / LOG_IN_EVERY));
  const looks = [await look()];
  for (let quarter = 1; quarter <= QUARTERS; quarter++) {
    await each(state, order.subarray(done.lookups, (quarter / QUARTERS) * lookups));
    looks.push(await look());
    const heap = Math.round(looks.at(-1).heap / 2 ** 20);
    process.send({ said: `quarter ${quarter}: ${done.lookups} lookups, heap ${heap} MiB` });
  }
  done.seconds = (performance.now() - began) / 1_000;
  await manager.close();
  return { looks, done };
}

async function each(state, order) {
  const { done } = state;
  await forEachOf(order, AT_ONCE, (at) =>
    begin(state, async () => {
      const number = ++done.lookups;
      await lookUp(state, at);
      if (number % LOG_IN_EVERY === 0) await logInAnew(state, at);
    }),
  );
}

/** Nothing is begun when the time is over. What no store could say is counted, and no fault. */
async function begin({ deadline, done }, work) {
  if (performance.now() > deadline) return;
  try {
    await work();
  } catch (error) {
    if (error.code !== 'STORE_UNAVAILABLE') throw error;
    done.unanswered++;
  }
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
