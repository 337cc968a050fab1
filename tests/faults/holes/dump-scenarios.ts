import { NO_RECORD, UNHARMED } from '../harness/fault.ts';
import { BOUNDS } from '../harness/history.ts';
import { broken, F, ONE_SESSION, PATIENT, type Scenario, SHORT_F } from './scenario.ts';
import { carried, newcomer, past, reaches, sessionOf, trusts, until } from './steps.ts';

/** Redis comes back with a dump from before the end; who asks has no PostgreSQL to learn from. */
export const olderDump: Scenario = {
  options: { processes: 2, proxied: true, ...ONE_SESSION, env: { ...PATIENT, ...SHORT_F } },
  allows: NO_RECORD,
  bounds: { fault: F },
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    await stage.redisCommand('SAVE');
    return broken(async () => {
      stage.linksOf(1).postgres.cut();
      await stage.call(0, { verb: 'delete', session });
      const ended = performance.now();
      await stage.process(0).kill();
      await stage.redis.kill();
      await stage.redis.start();
      await reaches(stage, 1, 'copies');
      await past(ended, F + 100);
      await stage.call(1, { verb: 'validate', session });
    });
  },
};

/** The same, and who asks has heard of the next master. */
export const olderDumpHeard: Scenario = {
  options: { processes: 1, ...ONE_SESSION, env: PATIENT },
  allows: UNHARMED,
  play: async (stage) => {
    await stage.redisCommand('SAVE');
    await stage.call(0, { verb: 'delete', session: sessionOf(stage, 0) });
    const ended = performance.now();
    await carried(stage);
    await stage.redis.kill();
    await stage.redis.start();
    const place = await newcomer(stage);
    await until('the next master counts', () => trusts(stage, place));
    await past(ended, BOUNDS.health + 100);
    await stage.call(place, { verb: 'validate', session: sessionOf(stage, 0) });
    return [];
  },
};
