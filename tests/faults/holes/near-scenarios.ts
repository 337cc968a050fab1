import { UNHARMED } from '../harness/fault.ts';
import { BOUNDS } from '../harness/history.ts';
import type { Stage } from '../harness/stage.ts';
import { ONE_SESSION, PATIENT, type Scenario } from './scenario.ts';
import { carried, past, sessionOf, until } from './steps.ts';

/** A copy that was read, and the news that it has changed since, arrive together. */
export const replyBesideNews: Scenario = {
  options: { processes: 2, proxied: true, ...ONE_SESSION, env: PATIENT },
  allows: UNHARMED,
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    const { postgres, redis } = stage.linksOf(1);
    // It shall not learn of the end by carrying it.
    postgres.freeze();
    redis.freeze('toClient');
    const begun = await readsOf(stage);
    const lookup = stage.call(1, { verb: 'validate', session });
    await until('Redis has answered', async () => (await readsOf(stage)) > begun);
    await stage.call(0, { verb: 'delete', session });
    const ended = performance.now();
    await carried(stage);
    await Promise.all([redis.heal(), postgres.heal()]);
    await lookup;
    await past(ended, BOUNDS.health + 100);
    await stage.call(1, { verb: 'validate', session });
    return [];
  },
};

/** How many keys Redis has been asked for. */
async function readsOf(stage: Stage): Promise<number> {
  const said = String(await stage.redisCommand('INFO', 'commandstats'));
  const counts = [...said.matchAll(/^cmdstat_m?get:calls=(\d+)/gm)];
  return counts.reduce((sum, [, calls]) => sum + Number(calls), 0);
}
