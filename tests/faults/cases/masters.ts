import { setTimeout as delay } from 'node:timers/promises';
import { startRedis } from '@repo/local-stores';
import { type Fault, UNHARMED } from '../harness/fault.ts';
import { BOUNDS } from '../harness/history.ts';
import { presentCarrier, waiting } from '../harness/propagation.ts';
import { digestOf, type Issued } from '../harness/recorder.ts';
import { isAtAnySpeed } from '../harness/speed.ts';
import type { Stage } from '../harness/stage.ts';
import { inTransaction, waitFor } from '../harness/stores.ts';
import { twinOf } from '../harness/twin.ts';
import { endSome } from './redis.ts';

/** How long a change may show late where masters change. */
const MASTERS_CHANGE = 5_000;

/** No connection ends, and its node is another master: its run id is the same. */
export const thereAndBack: Fault = {
  id: 'F-42',
  title: 'Redis is a replica for a moment under living connections, and loses tombstones',
  promise: 'what was revoked is refused within 5 s',
  allows: UNHARMED,
  bounds: { fault: MASTERS_CHANGE },
  // As many lookups as prove something, also where all of it takes a moment.
  holdMs: 1_000,
  inject: async (stage) => {
    const sessions = stage.recorder.live().slice(0, 12);
    const copies = await Promise.all(sessions.map((each) => copyOf(stage, each)));
    for (const session of sessions) await stage.call(0, { verb: 'delete', session });
    await waitFor(async () => (await waiting(stage)) < sessions.length);
    await stage.redisCommand('REPLICAOF', '127.0.0.1', '9');
    await stage.redisCommand('REPLICAOF', 'NO', 'ONE');
    for (const [key, text] of copies) await stage.redisCommand('SET', key, text, 'PX', '60000');
  },
  heal: async () => undefined,
};

/**
 * Its side ends sessions while the commit that names the next master takes long. A new master that was named
 * from before that commit would believe copies of what was ended meanwhile.
 */
export const slowNaming: Fault = {
  id: 'F-43',
  title: 'the row of masters is locked for a second while the carrier goes to a new master',
  promise: 'what the old side ends meanwhile is refused within 5 s',
  allows: UNHARMED,
  bounds: { fault: MASTERS_CHANGE },
  options: { proxied: true },
  holdMs: 0,
  inject: async (stage) => {
    const twin = await twinOf(stage);
    const { carrier, other } = await rolesOf(stage);
    await inTransaction(stage.databaseUrl, LOCK_MASTERS, async () => {
      stage.linksOf(carrier).redis.retarget(twin.port);
      const sessions = stage.recorder.live().slice(0, 10);
      for (const session of sessions) {
        // Its copy on the new side is of now.
        await stage.call(carrier, { verb: 'confirm', session });
        await stage.call(other, { verb: 'delete', session });
        await delay(100);
      }
    });
    stage.fastStore = { ...stage.fastStore, masters: () => Promise.resolve([twin.port]) };
  },
  heal: meet,
};

const LOCK_MASTERS = 'SELECT FROM sessions."Masters" FOR UPDATE';

/** The old master counts no more. */
export const oldSideEnds: Fault = {
  ...oldSide('other'),
  id: 'F-44 other',
  title: 'a process stays with the old master, and ends sessions there; the carrier does not',
};

/** The new master does not count until the carrier goes to it. */
export const oldSideCarries: Fault = {
  ...oldSide('carrier'),
  id: 'F-44 carrier',
  title: 'the carrier alone stays with the old master, and ends sessions there',
};

function oldSide(who: 'carrier' | 'other') {
  return {
    promise: 'both sides refuse within 1 s, and 5 s after they meet',
    allows: UNHARMED,
    bounds: { fault: MASTERS_CHANGE },
    options: { proxied: true },
    inject: async (stage: Stage) => {
      const twin = await twinOf(stage);
      const { [who]: old } = await rolesOf(stage);
      stage.links.forEach(({ redis }, place) => {
        if (place !== old) redis.retarget(twin.port);
      });
      stage.fastStore = { ...stage.fastStore, masters: () => Promise.resolve([twin.port]) };
      await endSome(stage, old);
      for (const userId of stage.recorder.users.slice(0, 5)) await stage.setRole(userId, 'ADMIN');
    },
    heal: meet,
  };
}

/** The processes move one after the other; PostgreSQL answers the side where the carrier is not. */
export const otherRedis: Fault = {
  id: 'F-45',
  title: 'REDIS_URL changes from process to process: two Redis before one PostgreSQL',
  promise: 'what one side ends the other refuses within 1 s',
  allows: UNHARMED,
  bounds: { fault: MASTERS_CHANGE },
  holdMs: 0,
  inject: async (stage) => {
    const next = await startRedis();
    stage.alsoClose(() => next.close());
    const { close } = stage.fastStore;
    stage.fastStore = { url: next.url, masters: () => Promise.resolve([next.port]), close };
    for (const [place, application] of [...stage.applications.entries()]) {
      application.signal('SIGTERM');
      await application.ended();
      await stage.startProcess(place);
      await expectEnds(stage);
    }
  },
  heal: async () => undefined,
};

/** What each process ends the others refuse a second later. */
async function expectEnds(stage: Stage): Promise<void> {
  const places = [...stage.applications.keys()];
  const ends = places.flatMap((place) => {
    const session = stage.recorder.live()[place];
    return session === undefined ? [] : [{ place, session }];
  });
  for (const { place, session } of ends) {
    await stage.call(place, { verb: 'delete', session });
    const ended = performance.now();
    await waitFor(async () => (await accepting(stage, session)).length === 0);
    const late = performance.now() - ended;
    if (late > BOUNDS.health && !isAtAnySpeed) {
      throw new Error(`refused everywhere after ${Math.round(late)} ms`);
    }
  }
}

/** Who accepts it. */
async function accepting(stage: Stage, session: Issued): Promise<number[]> {
  const answers = await Promise.all(
    stage.applications.map((_each, place) => stage.call(place, { verb: 'validate', session })),
  );
  return answers.flatMap(({ kind }, place) => (kind === 'valid' ? [place] : []));
}

/** The process that carries, and one that does not. */
async function rolesOf(stage: Stage): Promise<{ carrier: number; other: number }> {
  const carrier = await presentCarrier(stage);
  return { carrier, other: (carrier + 1) % stage.applications.length };
}

/** Everybody goes to the new master. */
async function meet(stage: Stage): Promise<void> {
  const [port = 0] = await stage.fastStore.masters();
  for (const { redis } of stage.links) redis.retarget(port);
}

async function copyOf(stage: Stage, session: Issued): Promise<[string, string]> {
  const key = `session:${digestOf(session)}`;
  return [key, String(await stage.redisCommand('GET', key))];
}
