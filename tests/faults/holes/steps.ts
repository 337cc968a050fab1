import { setTimeout as delay } from 'node:timers/promises';
import { areTrusting, isTrusting, waiting } from '../harness/propagation.ts';
import type { Issued } from '../harness/recorder.ts';
import type { Stage } from '../harness/stage.ts';

const DEADLINE = 10_000;
const LOOK_AGAIN = 10;
const IDLE = 300;

/** The session of this number; those that the stage begins with come first. */
export function sessionOf(stage: Stage, index: number): Issued {
  const session = stage.recorder.issued[index];
  if (session === undefined) throw new Error(`session ${index} was never issued`);
  return session;
}

/** A process that has seen nothing end. */
export async function newcomer(stage: Stage): Promise<number> {
  const place = stage.applications.length;
  await stage.link();
  await stage.startProcess(place);
  return place;
}

/** Until every change has been carried to Redis by some process. */
export function carried(stage: Stage): Promise<void> {
  return until('the outbox is empty', async () => (await waiting(stage)) === 0);
}

/** Until this process reaches a store again, by what it says itself. */
export function reaches(stage: Stage, place: number, store: 'record' | 'copies'): Promise<void> {
  return until(`process ${place} reaches the ${store}`, async () => {
    const { outcome } = await stage.process(place).call('health');
    if (outcome.kind !== 'ack') return false;
    const stores = outcome.value as Record<typeof store, { reachable: boolean }>;
    return stores[store].reachable;
  });
}

/** Until every process believes the fast store, and has done what it had to at its start. */
export async function idle(stage: Stage): Promise<void> {
  await until('every process believes the fast store', () => areTrusting(stage));
  await past(performance.now(), IDLE);
}

/** Whether this process believes the fast store, by what it says itself. */
export function trusts(stage: Stage, place: number): Promise<boolean> {
  return isTrusting(stage.process(place));
}

/** Until this many ms have passed since an instant of `performance.now()`. */
export async function past(since: number, ms: number): Promise<void> {
  await delay(Math.max(0, since + ms - performance.now()));
}

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const late = performance.now() + DEADLINE;
  while (!(await holds())) {
    if (performance.now() > late) throw new Error(`waited ${DEADLINE} ms in vain until ${what}`);
    await delay(LOOK_AGAIN);
  }
}

/** What Redis holds of a session or a user, put back later: as if the writes since were lost. */
export async function lostWrites(stage: Stage, key: string): Promise<() => Promise<unknown>> {
  const text = await stage.redisCommand('GET', key);
  if (typeof text !== 'string') throw new Error(`Redis does not hold ${key.split(':')[0]}`);
  return () => stage.redisCommand('SET', key, text, 'PX', '60000');
}

/** What PostgreSQL says to a condition. */
export async function holds(stage: Stage, condition: string): Promise<boolean> {
  const [row] = await stage.sql<{ holds: boolean }>(`SELECT ${condition} AS holds`);
  return row?.holds === true;
}
