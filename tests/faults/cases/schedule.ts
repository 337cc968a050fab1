import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, NOTHING } from '../harness/fault.ts';
import type { Stage } from '../harness/stage.ts';

type Blow = (stage: Stage) => Promise<() => unknown>;

/** Each breaks something and gives what mends it. */
const BLOWS: readonly Blow[] = [
  async ({ redis }) => {
    await redis.kill();
    return () => redis.start();
  },
  async ({ redis }) => {
    redis.pause();
    return () => redis.resume();
  },
  async ({ postgres }) => {
    await postgres.kill();
    return () => postgres.start();
  },
  async ({ postgres }) => {
    postgres.pause();
    return () => postgres.resume();
  },
  async (stage) => {
    await stage.redisCommand('FLUSHALL');
    return () => undefined;
  },
  async (stage) => {
    const { redis } = stage.linksOf(stage.random.below(stage.links.length));
    redis.freeze();
    return () => redis.heal();
  },
  async (stage) => {
    const { postgres } = stage.linksOf(stage.random.below(stage.links.length));
    postgres.cut();
    return () => postgres.heal();
  },
];

const TURNS = 8;

/** One fault after another, as the seed says, with short breaths between them. */
export const schedule: Fault = {
  id: 'random',
  title: 'a random schedule of faults',
  promise: 'nothing acknowledged is lost, nothing revoked returns',
  // One seed shows little. Between these every blow falls; near copies are kept with 6 and 10.
  seeds: [4, 6, 10],
  allows: { ...NOTHING, lookups: 'any' },
  options: { proxied: true },
  holdMs: 0,
  inject: async (stage) => {
    const random = stage.random.fork();
    for (let turn = 0; turn < TURNS; turn += 1) {
      const blow = random.pick(BLOWS);
      if (blow === undefined) continue;
      const mend = await blow(stage);
      await delay(300 + random.below(1_200));
      await mend();
      await delay(random.below(700));
    }
  },
  heal: async () => undefined,
};
