import { setImmediate as turn } from 'node:timers/promises';
import { countRow } from '../report/rows.mjs';
import { openSome } from './revocation.mjs';
import { askToRevoke, isAccepted, untilRefused } from './watching.mjs';

const BATCH = 100;
const MOST_TURNS = 30;
const KEPT_AFTER_MS = 1_000;

/**
 * The first lookup of a session, while another process revokes it: its reply and the invalidation
 * cross. One that is still accepted a second after the revocation was answered was kept.
 */
export async function measureRaces({ child, manager, plan, users }) {
  let kept = 0;
  for (let begun = 0; begun < plan.races; begun += BATCH) {
    const sessionIds = await openSome(manager, users, Math.min(BATCH, plan.races - begun));
    for (const [at, sessionId] of sessionIds.entries()) {
      const revoked = askToRevoke(child, sessionId, false);
      for (let turns = at % MOST_TURNS; turns > 0; turns--) await turn();
      await Promise.all([isAccepted(manager, sessionId), revoked]);
    }
    for (const sessionId of sessionIds) {
      if ((await untilRefused(manager, sessionId, KEPT_AFTER_MS)) === null) kept++;
    }
  }
  const what = `First read against revocation: kept, of ${plan.races}`;
  return [countRow({ id: '8 race', what, value: kept, most: 0 })];
}
