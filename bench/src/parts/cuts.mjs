import { startProxy } from '@repo/local-stores';
import { lookUpAll, ourManager } from '../cases/ours.mjs';
import { countRow, timeRow } from '../report/rows.mjs';
import { openSome } from './revocation.mjs';
import { askToRevoke, isAccepted, untilRefused } from './watching.mjs';

/** The lease of 1 s, one time limit of a Redis command and one statement. */
const MOST_MS = 1_100;
const GIVE_UP_MS = 10_000;
const SEVERAL = 20;

/**
 * The link to Redis goes half-open: nothing passes, nobody says so. Another process, whose link is
 * whole, revokes. How long until this process no longer accepts, from the answer to that revocation.
 */
export async function measureCuts({ child, plan, stores, urls, users }) {
  const proxy = await startProxy({ target: { port: stores.redisPort } });
  const manager = await ourManager(
    { ...urls, redisUrl: proxy.url(urls.redisUrl) },
    { nearCopies: 10_000 },
  );
  const waits = [];
  let kept = 0;
  try {
    for (let cut = 0; cut < plan.cuts; cut++) {
      const sessionIds = await openSome(manager, users, SEVERAL);
      await lookUpAll(manager, sessionIds);
      await lookUpAll(manager, sessionIds);
      const [sessionId, ...others] = sessionIds;
      proxy.freeze();
      const revoked = askToRevoke(child, sessionId, false);
      const [refusedAt, { answered }] = [
        await untilRefused(manager, sessionId, GIVE_UP_MS),
        await revoked,
      ];
      if (refusedAt === null) kept++;
      else waits.push(Math.max(0, refusedAt - answered));
      for (const other of others) if (!(await isAccepted(manager, other))) kept++;
      await proxy.heal();
    }
  } finally {
    await proxy.heal();
    await manager.close();
    await proxy.close();
  }
  const value = waits.length === 0 ? Number.NaN : Math.max(...waits);
  return [
    countRow({
      id: '9a',
      what: `Link to Redis half-open: wrong answers in ${plan.cuts} cuts`,
      value: kept,
      most: 0,
    }),
    timeRow({ id: '9b', what: 'Link to Redis half-open: slowest refusal', value, most: MOST_MS }),
  ];
}
