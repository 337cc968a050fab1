import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, NO_RECORD, UNHARMED } from '../harness/fault.ts';
import type { Stage } from '../harness/stage.ts';
import type { Links } from '../harness/stage-options.ts';
import { endSome } from './redis.ts';

const proxied = { proxied: true } as const;

export const redisHalfOpen: Fault = {
  id: 'F-21 Redis',
  title: 'the links to Redis go silent without an end',
  promise: 'PostgreSQL answers in time; the dead links are not used again',
  allows: UNHARMED,
  options: proxied,
  inject: async ({ links }) => {
    for (const { redis } of links) redis.freeze();
  },
  heal: healAll,
};

export const postgresHalfOpen: Fault = {
  id: 'F-21 PostgreSQL',
  title: 'the links to PostgreSQL go silent without an end',
  promise: 'copied sessions go on; the dead links are not used again',
  allows: NO_RECORD,
  options: proxied,
  inject: async ({ links }) => {
    for (const { postgres } of links) postgres.freeze();
  },
  heal: healAll,
};

export const brokenBytes: Fault = {
  id: 'F-22',
  title: 'replies of Redis come byte by byte, and links are reset',
  promise: 'nobody crashes, nobody is signed out',
  allows: UNHARMED,
  options: proxied,
  inject: async ({ links }) => {
    for (const { redis } of links) {
      redis.slice(1);
      redis.delay(0, 3);
    }
    for (let time = 0; time < 10; time += 1) {
      await delay(200);
      links[time % links.length]?.redis.reset();
    }
  },
  heal: healAll,
};

export const mixedReplies: Fault = {
  id: 'F-23 Redis',
  title: 'replies of Redis are late and some are lost',
  promise: 'nobody ever gets the session of another',
  allows: UNHARMED,
  options: proxied,
  inject: ({ links }) => loseReplies(links.map(({ redis }) => redis)),
  heal: healAll,
};

export const mixedRows: Fault = {
  id: 'F-23 PostgreSQL',
  title: 'replies of PostgreSQL are late and some are lost',
  promise: 'nobody ever gets the session of another',
  allows: NO_RECORD,
  options: proxied,
  inject: ({ links }) => loseReplies(links.map(({ postgres }) => postgres)),
  heal: healAll,
};

export const lostAnswer: Fault = {
  id: 'F-27',
  title: 'PostgreSQL commits and its answer is lost',
  promise: 'what was unanswered settles one way; nothing acknowledged is lost',
  allows: NO_RECORD,
  options: proxied,
  holdMs: 0,
  inject: async (stage) => {
    const statements = ['session_create', 'session_end_by_digest', 'session_end_many'];
    for (const text of [...statements, ...statements, ...statements]) {
      for (const { postgres } of stage.links) postgres.cutAfterRequestContaining(text);
      await delay(350);
    }
  },
  heal: healAll,
};

export const withoutRedis: Fault = {
  id: 'F-37',
  title: 'one process cannot reach Redis, the others can',
  promise: 'what it revokes the others refuse within F',
  allows: UNHARMED,
  options: proxied,
  inject: async (stage) => {
    stage.linksOf(0).redis.cut();
    await endSome(stage);
  },
  heal: healAll,
};

export const withoutPostgres: Fault = {
  id: 'F-38',
  title: 'one process cannot reach PostgreSQL, the others can',
  promise: 'it goes on by the copies that the others keep fresh',
  allows: { ...NO_RECORD, onlyIn: 0 },
  options: proxied,
  inject: async (stage) => {
    stage.linksOf(0).postgres.cut();
    await endSome(stage, 1);
  },
  heal: healAll,
};

async function healAll({ links }: Stage): Promise<void> {
  await Promise.all(links.flatMap(({ postgres, redis }) => [postgres.heal(), redis.heal()]));
}

async function loseReplies(proxies: Links['redis'][]): Promise<void> {
  for (const proxy of proxies) proxy.delay(0, 400, 'toClient');
  for (let time = 0; time < 12; time += 1) {
    for (const proxy of proxies) proxy.swallowReplies(1);
    await delay(200);
  }
}
