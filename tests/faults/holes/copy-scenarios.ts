import { NO_RECORD, UNHARMED } from '../harness/fault.ts';
import { BOUNDS } from '../harness/history.ts';
import { sessionKeyOf, userKeys } from '../harness/keys.ts';
import { askLater, broken, F, ONE_SESSION, PATIENT, type Scenario, SHORT_F } from './scenario.ts';
import { carried, lostWrites, newcomer, past, reaches, sessionOf, until } from './steps.ts';

/** A process that has seen nothing asks when the stores have had their second. */
export const endInHealth: Scenario = {
  options: { processes: 1, ...ONE_SESSION, env: PATIENT },
  allows: UNHARMED,
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    await stage.call(0, { verb: 'delete', session });
    const ended = performance.now();
    await carried(stage);
    await askLater(stage, ended, BOUNDS.health);
    return [];
  },
};

/** All sessions of a user end by the user's key alone; a process that has seen nothing asks. */
export const endAllInHealth: Scenario = {
  options: { processes: 1, ...ONE_SESSION, env: PATIENT },
  allows: UNHARMED,
  play: async (stage) => {
    await stage.call(0, { verb: 'revokeAll', userId: sessionOf(stage, 0).userId });
    const ended = performance.now();
    await carried(stage);
    await askLater(stage, ended, BOUNDS.health);
    return [];
  },
};

/** A fill is held between PostgreSQL and Redis while another process ends the session. The stores work. */
export const lateFill: Scenario = {
  options: { processes: 2, proxied: true, users: 2, sessionsPerUser: 1, env: PATIENT },
  allows: UNHARMED,
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    const { postgres, redis } = stage.linksOf(1);
    redis.freeze('toServer');
    await stage.call(1, { verb: 'confirm', session });
    // It shall not carry the end to Redis itself, behind its fill.
    postgres.freeze();
    await stage.call(0, { verb: 'delete', session });
    const ended = performance.now();
    await carried(stage);
    await Promise.all([redis.heal(), postgres.heal()]);
    // Its reply comes behind the fill.
    await stage.call(1, { verb: 'validate', session: sessionOf(stage, 1) });
    await askLater(stage, ended, BOUNDS.health);
    return [];
  },
};

/** A process ends a session without Redis, and asks as soon as it has Redis again. */
export const endWithoutRedis: Scenario = {
  options: { processes: 1, proxied: true, ...ONE_SESSION },
  allows: NO_RECORD,
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    const { postgres, redis } = stage.linksOf(0);
    return broken(async () => {
      redis.cut();
      await stage.call(0, { verb: 'delete', session });
      // Or the outbox might be quicker than the question.
      postgres.cut();
      await redis.heal();
      await reaches(stage, 0, 'copies');
      await stage.call(0, { verb: 'validate', session });
    });
  },
};

/** One reply is lost, and those behind it come one question late. */
export const lostReply: Scenario = {
  options: {
    processes: 1,
    proxied: true,
    users: 6,
    sessionsPerUser: 1,
    // Near copies have replies of their own on the connection. Whoever lost one must still wait
    // for it when the next comes.
    env: { SESSION_REDIS_TIMEOUT: '2s', SESSION_LOOKUP_DEADLINE: '5s', SESSION_NEAR_COPIES: '0' },
  },
  allows: UNHARMED,
  bounds: { deadline: 5_000 },
  play: (stage) =>
    broken(async () => {
      const { redis } = stage.linksOf(0);
      const [first, ...others] = stage.recorder.issued;
      redis.swallowReplies(1);
      const alone = stage.call(0, { verb: 'validate', session: first });
      await until('the reply is lost', () => redis.stats().swallowed > 0);
      const further: Promise<unknown>[] = [];
      for (const session of others) {
        // Each in a command of its own: together they would be one, with more values in its reply.
        const before = redis.stats().bytesToServer;
        further.push(stage.call(0, { verb: 'validate', session }));
        await until('it is asked', () => redis.stats().bytesToServer > before);
      }
      await Promise.all([alone, ...further]);
    }),
};

/** The tombstone is lost, and with it all that Redis heard since. */
export const lostTombstone: Scenario = {
  options: { processes: 1, ...ONE_SESSION, env: { ...PATIENT, ...SHORT_F } },
  allows: UNHARMED,
  bounds: { fault: F },
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    const lose = await lostWrites(stage, sessionKeyOf(session));
    return broken(async () => {
      await stage.call(0, { verb: 'delete', session });
      const ended = performance.now();
      await carried(stage);
      await lose();
      await askLater(stage, ended, F);
    });
  },
};

/** Redis loses a change of role; an extension keeps the copy of the session young. */
export const lostRole: Scenario = {
  options: { processes: 1, ...ONE_SESSION, env: { ...PATIENT, ...SHORT_F } },
  allows: UNHARMED,
  bounds: { fault: F },
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    const userKeyOf = await userKeys(stage);
    const lose = await lostWrites(stage, userKeyOf(session.userId));
    return broken(async () => {
      await stage.setRole(session.userId, 'ADMIN');
      const changed = performance.now();
      await carried(stage);
      await lose();
      const place = await newcomer(stage);
      await past(changed, F + 100);
      await stage.call(0, { verb: 'extend', session, ttl: 3_600 });
      await stage.call(place, { verb: 'validate', session });
    });
  },
};

/** A fill meets no connection; it has one again when another process has ended the session. */
export const fillWithoutLink: Scenario = {
  options: { processes: 2, proxied: true, ...ONE_SESSION, env: PATIENT },
  allows: UNHARMED,
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    const { postgres, redis } = stage.linksOf(1);
    redis.cut();
    await stage.call(1, { verb: 'confirm', session });
    // It shall not carry the end to Redis itself, behind its fill.
    postgres.freeze();
    await stage.call(0, { verb: 'delete', session });
    const ended = performance.now();
    await carried(stage);
    await redis.heal();
    await postgres.heal();
    await reaches(stage, 1, 'copies');
    await askLater(stage, ended, BOUNDS.health);
    return [];
  },
};
