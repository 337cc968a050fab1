import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, UNHARMED } from '../harness/fault.ts';
import type { Stage } from '../harness/stage.ts';
import { again } from './pace.ts';

export const redisKilled: Fault = {
  id: 'F-01',
  title: 'Redis is killed under load',
  promise: 'nobody is signed out, log-in works, PostgreSQL answers',
  allows: UNHARMED,
  // Of them more than 300 lookups.
  callsPerSecond: 400,
  inject: (stage) => stage.redis.kill(),
  heal: (stage) => stage.redis.start(),
};

export const redisPaused: Fault = {
  id: 'F-02',
  title: 'Redis is frozen, then goes on',
  promise: 'PostgreSQL answers in time; what arrives late undoes no revoke',
  allows: UNHARMED,
  inject: async (stage) => stage.redis.pause(),
  heal: async (stage) => stage.redis.resume(),
};

export const redisSlow: Fault = {
  id: 'F-03',
  title: 'each reply of Redis takes two seconds',
  promise: 'PostgreSQL answers in time',
  allows: UNHARMED,
  options: { proxied: true },
  inject: async ({ links }) => {
    for (const { redis } of links) redis.delay(2_000, 100, 'toClient');
  },
  heal: async ({ links }) => void (await Promise.all(links.map(({ redis }) => redis.heal()))),
};

export const redisFlushed: Fault = {
  id: 'F-04',
  title: 'Redis is flushed, tombstones and all',
  promise: 'what was revoked stays refused; the copies come back',
  allows: UNHARMED,
  holdMs: 1_000,
  inject: async (stage) => void (await stage.redisCommand('FLUSHALL')),
  heal: async () => undefined,
};

export const herd: Fault = {
  id: 'F-05',
  title: 'Redis starts again empty before a herd',
  promise: 'all are answered by their deadline',
  allows: UNHARMED,
  options: { users: 100, sessionsPerUser: 5 },
  holdMs: 1_000,
  inject: async (stage) => {
    await stage.redis.stop();
    await stage.redis.start();
    await Promise.all(
      stage.recorder
        .live()
        .flatMap((session) =>
          [0, 1, 2, 0].map((place) => stage.call(place, { verb: 'validate', session })),
        ),
    );
  },
  heal: async () => undefined,
};

export const oldDump: Fault = {
  id: 'F-06',
  title: 'Redis starts again from an old dump',
  promise: 'what was revoked since is refused within F, at once with confirm',
  allows: UNHARMED,
  holdMs: 1_000,
  inject: async (stage) => {
    await stage.redisCommand('SAVE');
    await delay(1_000);
    await endSome(stage);
    await stage.redis.kill();
    await stage.redis.start();
  },
  heal: async () => undefined,
};

export const full: Fault = {
  id: 'F-07',
  title: 'Redis is full and evicts nothing',
  promise: 'log-in and revoke work; nobody is signed out',
  allows: UNHARMED,
  inject: async (stage) => void (await stage.redisCommand('CONFIG', 'SET', 'maxmemory', '1')),
  heal: async (stage) => void (await stage.redisCommand('CONFIG', 'SET', 'maxmemory', '0')),
};

export const evicting: Fault = {
  id: 'F-08',
  title: 'Redis evicts copies and tombstones by every policy',
  promise: 'what was revoked is refused within F, at once with confirm',
  allows: UNHARMED,
  inject: async (stage) => {
    for (const policy of ['allkeys-lru', 'volatile-ttl', 'allkeys-random']) {
      await stage.redisCommand('CONFIG', 'SET', 'maxmemory-policy', policy);
      await fill(stage);
      await endSome(stage);
    }
  },
  heal: async (stage) => {
    await stage.redisCommand('CONFIG', 'SET', 'maxmemory', '0');
    await stage.redisCommand('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  },
};

export const connectionsKilled: Fault = {
  id: 'F-19',
  title: 'Redis ends our connections again and again',
  promise: 'no near answer outlives its connection; nobody is signed out',
  allows: UNHARMED,
  needsNearCopies: true,
  holdMs: 0,
  inject: (stage) =>
    again(10, async () => {
      await stage.redisCommand('CLIENT', 'KILL', 'TYPE', 'normal').catch(() => null);
      await stage.redisCommand('CLIENT', 'KILL', 'TYPE', 'pubsub').catch(() => null);
    }),
  heal: async () => undefined,
};

/** Ends some sessions by each verb, so that there is something to come back. */
export async function endSome(stage: Stage, process = 0): Promise<void> {
  const [user = ''] = stage.recorder.users.slice(-1);
  for (const session of stage.recorder.live().slice(0, 8)) {
    await stage.call(process, { verb: 'delete', session });
    const other = (process + 1) % stage.applications.length;
    await stage.call(other, { verb: 'confirm', session });
  }
  await stage.call(process, { verb: 'revokeAll', userId: user });
}

async function fill(stage: Stage): Promise<void> {
  const used = /used_memory:(\d+)/.exec(String(await stage.redisCommand('INFO', 'memory')))?.[1];
  await stage.redisCommand('CONFIG', 'SET', 'maxmemory', String(Number(used) + 100_000));
  for (let number = 0; number < 60; number += 1) {
    const name = `filler:${number}`;
    await stage.redisCommand('SET', name, 'x'.repeat(10_000), 'EX', '30').catch(() => null);
  }
}
