import { setTimeout as delay } from 'node:timers/promises';
import { ANYTHING, type Fault, NO_RECORD, UNHARMED } from '../harness/fault.ts';
import { BOUNDS } from '../harness/history.ts';
import { presentCarrier } from '../harness/propagation.ts';
import type { Stage } from '../harness/stage.ts';
import { inTransaction, withSession } from '../harness/stores.ts';
import { again } from './pace.ts';

/** How late what is typed into psql may show where the carrier has just gone (P12). */
const CARRIER_GONE = 5_000;
/** Changes of about 7 s. */
const LONG = 40;
const SHORT = 10;

/** Which process carried when it was broken. */
const carriers = new WeakMap<Stage, number>();

export const carrierKilled: Fault = {
  ...broken('killed', SHORT, async (stage, place) => await stage.process(place).kill()),
  title: 'the process that carries changes is killed',
  allows: ANYTHING,
  heal: async (stage) => void (await stage.startProcess(brokenIn(stage))),
};

export const carrierWithoutPostgres: Fault = {
  ...broken('PostgreSQL', SHORT, (stage, place) => stage.linksOf(place).postgres.cut()),
  title: 'the process that carries changes cannot reach PostgreSQL',
  allows: NO_RECORD,
  heal: (stage) => stage.linksOf(brokenIn(stage)).postgres.heal(),
};

export const carrierWithoutRedis: Fault = {
  ...broken('Redis', LONG, (stage, place) => stage.linksOf(place).redis.cut()),
  title: 'the process that carries changes cannot reach Redis',
  allows: UNHARMED,
  heal: (stage) => stage.linksOf(brokenIn(stage)).redis.heal(),
};

export const carrierFrozen: Fault = {
  ...broken('frozen', LONG, (stage, place) => stage.process(place).freeze()),
  title: 'the process that carries changes is stopped, then goes on',
  allows: ANYTHING,
  // Of the calls that it had not answered.
  bounds: { fault: CARRIER_GONE, deadline: 12_000 },
  heal: async (stage) => stage.process(brokenIn(stage)).goOn(),
};

function broken(
  what: string,
  changes: number,
  breakIt: (stage: Stage, carrier: number) => void | Promise<void>,
) {
  return {
    id: `F-40 ${what}`,
    promise: 'what is typed into psql meanwhile shows in every process within 5 s',
    onlyIn: brokenIn,
    bounds: { fault: CARRIER_GONE },
    options: { proxied: true },
    holdMs: 0,
    inject: async (stage: Stage) => {
      const carrier = await presentCarrier(stage);
      carriers.set(stage, carrier);
      await breakIt(stage, carrier);
      await changesGoOn(stage, changes);
    },
  };
}

function brokenIn(stage: Stage): number {
  return carriers.get(stage) ?? 0;
}

const HOLD_OPEN = 10_000;
const CHANGES_PER_SECOND = 200;

/** Rows that are written meanwhile wait for no end of the old transaction, and are looked at once. */
export const openTransaction: Fault = {
  id: 'F-41',
  title: `a transaction stands open for 10 s, at ${CHANGES_PER_SECOND} changes a second`,
  promise: 'what is typed into psql shows in every process within 1 s',
  allows: UNHARMED,
  bounds: { fault: BOUNDS.health },
  holdMs: 0,
  prepare: (stage) => stage.sql(STRANGERS).then(() => undefined),
  inject: async (stage) => {
    await inTransaction(stage.databaseUrl, 'SELECT pg_current_xact_id()', async () => {
      const ending = AbortSignal.timeout(HOLD_OPEN);
      const strangers = changeStrangers(stage, ending);
      while (!ending.aborted) await changesGoOn(stage, 1);
      await strangers;
    });
  },
  heal: async () => undefined,
};

/** Users whom nobody asks about: they make work, and nothing is known of them. */
const STRANGERS = `
  INSERT INTO "User"("id", "email", "role")
  SELECT 'stranger-' || n, 'stranger-' || n || '@example.com', 'USER' FROM generate_series(1, 500) n`;
const CHANGE_STRANGER = `UPDATE "User" SET "isVerified" = NOT "isVerified" WHERE "id" = 'stranger-' || $1::int`;

async function changeStrangers(stage: Stage, until: AbortSignal): Promise<void> {
  await withSession(stage.databaseUrl, async (query) => {
    const start = performance.now();
    for (let done = 0; !until.aborted; done += 1) {
      await query(CHANGE_STRANGER, [1 + (done % 500)]);
      const due = start + (done * 1_000) / CHANGES_PER_SECOND;
      if (due > performance.now()) await delay(due - performance.now());
    }
  });
}

/** Somebody ends sessions and changes roles in psql. */
export async function changesGoOn(stage: Stage, times: number): Promise<void> {
  const { random, recorder } = stage;
  await again(times, async () => {
    const session = random.pick(recorder.live());
    if (session !== undefined) await stage.revoke(session);
    const userId = random.pick(recorder.users) ?? '';
    await stage.setRole(userId, recorder.roles.get(userId) === 'ADMIN' ? 'USER' : 'ADMIN');
  });
}
