import { again } from '../cases/pace.ts';
import { NO_RECORD, UNHARMED } from '../harness/fault.ts';
import { BOUNDS } from '../harness/history.ts';
import { sessionKeyOf } from '../harness/keys.ts';
import type { Stage } from '../harness/stage.ts';
import { inTransaction, redisCommand } from '../harness/stores.ts';
import { type Twin, twinOf } from '../harness/twin.ts';
import { broken, F, ONE_SESSION, PATIENT, type Scenario, SHORT_F, TWO } from './scenario.ts';
import {
  carried,
  holds,
  idle,
  lostWrites,
  past,
  reaches,
  sessionOf,
  trusts,
  until,
} from './steps.ts';

const NOT_NEAR = { SESSION_NEAR_COPIES: '0' } as const;

/**
 * The carrier has gone to another master, whose naming waits for its commit. Meanwhile the session is
 * confirmed there, and ends on the old side.
 */
export const slowNaming: Scenario = {
  options: { ...TWO, env: PATIENT },
  allows: UNHARMED,
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    await idle(stage);
    const twin = await twinOf(stage);
    await inTransaction(
      stage.databaseUrl,
      'SELECT FROM sessions."Masters" FOR UPDATE',
      async () => {
        stage.linksOf(0).redis.retarget(twin.port);
        await until('the carrier waits', () => holds(stage, NAMING_WAITS));
        const waits = performance.now();
        await stage.sql(LONG_LEASE);
        // A master counts from a second after it is named.
        await past(waits, 1_100);
        await confirmedThere(stage, twin);
        await stage.call(1, { verb: 'delete', session });
        await carried(stage);
      },
    );
    await askCarrier(stage);
    return [];
  },
};

/** The carrier has gone to another master, which is named. The session ends on the old side. */
export const endOnOldSide: Scenario = {
  options: { ...TWO, env: PATIENT },
  allows: UNHARMED,
  play: async (stage) => {
    await idle(stage);
    await carrierGoesTo(stage, await twinOf(stage));
    await stage.call(1, { verb: 'delete', session: sessionOf(stage, 0) });
    await carried(stage);
    await askCarrier(stage);
    return [];
  },
};

/** Each of two processes has a master of its own, and PostgreSQL dies for the one that carries. */
export const twoSides: Scenario = {
  options: { ...TWO, env: { ...PATIENT, ...NOT_NEAR } },
  allows: NO_RECORD,
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    await idle(stage);
    const twin = await twinOf(stage);
    stage.linksOf(1).redis.retarget(twin.port);
    await reaches(stage, 1, 'copies');
    await past(performance.now(), 1_500);
    await stage.call(0, { verb: 'confirm', session });
    // A copy that was seen so long ago is surely there.
    await past(performance.now(), 600);
    return broken(async () => {
      stage.linksOf(0).postgres.cut();
      await stage.call(0, { verb: 'validate', session });
    });
  },
};

/** A node is a replica for a moment, and loses the end: the same node, another master. */
export const thereAndBack: Scenario = {
  options: { processes: 2, firstCarries: true, ...ONE_SESSION, env: { ...PATIENT, ...NOT_NEAR } },
  allows: UNHARMED,
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    await idle(stage);
    const lose = await lostWrites(stage, sessionKeyOf(session));
    await stage.call(0, { verb: 'delete', session });
    await carried(stage);
    await stage.redisCommand('REPLICAOF', '127.0.0.1', '9');
    await stage.redisCommand('REPLICAOF', 'NO', 'ONE');
    await lose();
    // Links look once a second, and the next name counts a second later.
    await past(performance.now(), 3_000);
    await stage.call(1, { verb: 'validate', session });
    return [];
  },
};

/**
 * A process stands still while the others go to another master and end the session; its question to PostgreSQL
 * has no answer since before. It goes on with the old master and without PostgreSQL.
 */
export const asleep: Scenario = {
  options: { ...TWO, env: { ...PATIENT, ...SHORT_F, ...NOT_NEAR } },
  allows: NO_RECORD,
  bounds: { fault: F },
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    const { postgres } = stage.linksOf(1);
    await idle(stage);
    const twin = await twinOf(stage);
    return broken(async () => {
      postgres.freeze('toClient');
      await past(performance.now(), 700);
      stage.process(1).signal('SIGSTOP');
      const stopped = performance.now();
      await carrierGoesTo(stage, twin);
      await stage.call(0, { verb: 'delete', session });
      await past(performance.now(), F + 100);
      await past(stopped, 2_500);
      postgres.cut();
      stage.process(1).signal('SIGCONT');
      await reaches(stage, 1, 'copies');
      // Its link may be a new one, just about to be used.
      await again(5, async () => void (await stage.call(1, { verb: 'validate', session })));
    });
  },
};

const NAMING_WAITS = `EXISTS (SELECT FROM pg_stat_activity
  WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE sessions."Masters"%')`;
/** Nobody else shall carry while the carrier waits. */
const LONG_LEASE = `UPDATE sessions."Lease" SET "until" = clock_timestamp() + interval '8 seconds'`;

/** Until the carrier believes this one, and has confirmed the session there. */
async function carrierGoesTo(stage: Stage, twin: Twin): Promise<void> {
  const before = await namesOf(stage);
  stage.linksOf(0).redis.retarget(twin.port);
  await until('the old master counts no more', async () => (await namesOf(stage)) !== before);
  await until('the next one counts', () => trusts(stage, 0));
  await confirmedThere(stage, twin);
}

async function namesOf(stage: Stage): Promise<string> {
  const rows = await stage.sql<{ name: string }>(
    'SELECT jsonb_object_keys("since") AS name FROM sessions."Masters"',
  );
  return rows.map(({ name }) => name).join();
}

async function confirmedThere(stage: Stage, twin: Twin): Promise<void> {
  const session = sessionOf(stage, 0);
  const before = await redisCommand(twin.url, ['GET', sessionKeyOf(session)]);
  await stage.call(0, { verb: 'confirm', session });
  await until('it is confirmed there', async () => {
    return (await redisCommand(twin.url, ['GET', sessionKeyOf(session)])) !== before;
  });
}

/** When the truth must have arrived; it knows of the end by nothing but its master and PostgreSQL. */
async function askCarrier(stage: Stage): Promise<void> {
  const ended = performance.now();
  await until('the carrier believes its master', () => trusts(stage, 0));
  await past(ended, BOUNDS.health + 100);
  await stage.call(0, { verb: 'validate', session: sessionOf(stage, 0) });
}
