import { NO_RECORD, NOTHING } from '../harness/fault.ts';
import { BOUNDS } from '../harness/history.ts';
import { broken, ONE_SESSION, PATIENT, type Scenario } from './scenario.ts';
import { idle, past, reaches, sessionOf, until } from './steps.ts';

/** A late fill gives a copy more time in Redis than its session has. */
export const copyPastItsTime: Scenario = {
  options: { processes: 2, proxied: true, users: 1, sessionsPerUser: 0, env: PATIENT },
  allows: NO_RECORD,
  play: async (stage) => {
    const [userId = ''] = stage.recorder.users;
    await stage.call(0, { verb: 'create', userId, ttl: 2 });
    const session = sessionOf(stage, 0);
    const created = performance.now();

    const { postgres, redis } = stage.linksOf(1);
    redis.freeze('toServer');
    await stage.call(1, { verb: 'confirm', session });
    await past(created, 1_900);
    await redis.heal();
    // Its reply comes behind the fill.
    await stage.call(1, { verb: 'validate', session });
    return broken(async () => {
      postgres.cut();
      await past(created, 2_000 + BOUNDS.clocks + 100);
      await stage.call(1, { verb: 'validate', session });
    });
  },
};

/** A lookup begins after the end, while the statement of an earlier one is still under way. */
export const flightUnderWay: Scenario = {
  options: {
    processes: 2,
    proxied: true,
    ...ONE_SESSION,
    env: { ...PATIENT, SESSION_LOOKUP_DEADLINE: '10s' },
  },
  allows: NO_RECORD,
  bounds: { deadline: 10_000 },
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    const { postgres } = stage.linksOf(0);
    await idle(stage);
    // Whatever it does in the background, a connection is free for the lookup: no new one gets through.
    const { userId } = session;
    await Promise.all(Array.from({ length: 4 }, () => stage.process(0).call('count', { userId })));
    const [{ now } = { now: null }] = await stage.sql('SELECT clock_timestamp() AS now');
    return broken(async () => {
      postgres.freeze('toClient');
      const earlier = stage.call(0, { verb: 'confirm', session });
      await until('PostgreSQL has answered', async () => {
        const answered = `SELECT 1 FROM pg_stat_activity WHERE state = 'idle' AND query_start > $1
          AND query LIKE 'SELECT asked.digest%'`;
        return (await stage.sql(answered, [now])).length > 0;
      });
      await stage.call(1, { verb: 'delete', session });
      const later = stage.call(0, { verb: 'confirm', session });
      // Answered behind the call before it.
      await stage.process(0).call('report');
      await postgres.heal();
      await Promise.all([earlier, later]);
    });
  },
};

/** Nobody can answer. */
export const noStore: Scenario = {
  options: { processes: 1, proxied: true, ...ONE_SESSION },
  allows: NOTHING,
  play: (stage) =>
    broken(async () => {
      const { postgres, redis } = stage.linksOf(0);
      postgres.cut();
      redis.cut();
      await stage.call(0, { verb: 'validate', session: sessionOf(stage, 0) });
    }),
};

/** Somebody logs in while the record cannot be reached. */
export const logInWithoutRecord: Scenario = {
  options: { processes: 1, proxied: true, users: 1, sessionsPerUser: 0 },
  allows: NO_RECORD,
  play: async (stage) => {
    const [userId = ''] = stage.recorder.users;
    const { postgres } = stage.linksOf(0);
    const windows = await broken(async () => {
      postgres.cut();
      await stage.call(0, { verb: 'create', userId, ttl: 3_600 });
      await postgres.heal();
    });
    await reaches(stage, 0, 'record');
    for (const session of stage.recorder.issued) {
      await stage.call(0, { verb: 'confirm', session, audit: true });
    }
    return windows;
  },
};

/** The copies must do for a while. */
export const copiesAlone: Scenario = {
  options: { processes: 1, proxied: true, ...ONE_SESSION },
  allows: NO_RECORD,
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    await past(performance.now(), 600);
    return broken(async () => {
      stage.linksOf(0).postgres.cut();
      await stage.call(0, { verb: 'validate', session });
    });
  },
};
