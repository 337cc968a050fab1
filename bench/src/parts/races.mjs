import { setImmediate as turn } from 'node:timers/promises';
import { countRow } from '../report/rows.mjs';
import { startLoad } from './loads.mjs';
import { openSome } from './revocation.mjs';
import { askToRevoke, isAccepted, untilRefused } from './watching.mjs';
import { whyKept } from './why-kept.mjs';

const BATCH = 100;
const MOST_TURNS = 30;
const KEPT_AFTER_MS = 1_000;

/**
 * The first lookup of a session, while another process revokes it: its reply and the invalidation
 * cross. One that is still accepted a second after the revocation was answered was kept. Half of them
 * while this process is saturated by reads.
 */
export async function measureRaces(context) {
  const kept = [];
  for (let begun = 0; begun < context.plan.races; begun += BATCH) {
    const load = (begun / BATCH) % 2 === 0 ? 'idle' : 'redis';
    const count = Math.min(BATCH, context.plan.races - begun);
    kept.push(...(await raceBatch(context, count, load)));
  }
  for (const facts of kept) context.say(`kept: ${JSON.stringify(facts)}`);
  const what = `First read against revocation: kept, of ${context.plan.races}`;
  return [countRow({ id: '8 race', what, value: kept.length, most: 0 })];
}

async function raceBatch(context, count, kind) {
  const { child, manager, misses64, users } = context;
  const sessionIds = await openSome(manager, users, count);
  const load = startLoad(kind, misses64);
  const replies = [];
  for (const [at, sessionId] of sessionIds.entries()) {
    const revoked = askToRevoke(child, sessionId, false);
    for (let turns = at % MOST_TURNS; turns > 0; turns--) await turn();
    const [, reply] = await Promise.all([isAccepted(manager, sessionId), revoked]);
    replies.push(reply);
  }
  const kept = [];
  for (const [at, sessionId] of sessionIds.entries()) {
    if ((await untilRefused(manager, sessionId, KEPT_AFTER_MS)) !== null) continue;
    kept.push({ load: kind, ...(await whyKept(context, sessionId, replies[at])) });
  }
  await load.end();
  return kept;
}
