import { ANYTHING, type Fault } from '../harness/fault.ts';
import { endSome } from './redis.ts';

/** Of the one process that Redis can mislead, since it alone reaches it and has no PostgreSQL. */
const MISLED = 1;
/** F of one second, and what a clock that was told over the network may be off. */
const F = 1_000;
const MARGIN = 100;

/**
 * Redis comes back with copies of what has ended, and nobody who knows better can reach it. A
 * process that believed it would accept them for G.
 */
export const oldDumpAlone: Fault = {
  id: 'F-06 alone',
  title: 'an old dump is all that one process reaches, with F of a second',
  promise: 'that process accepts nobody; what was revoked is refused within F',
  allows: { ...ANYTHING, onlyIn: MISLED },
  bounds: { fault: F + MARGIN },
  options: { proxied: true, env: { SESSION_CONFIRM_AFTER: String(F / 1_000) } },
  inject: async (stage) => {
    await stage.redisCommand('SAVE');
    await endSome(stage);
    stage.linksOf(MISLED).postgres.cut();
    await stage.redis.kill();
    stage.links.forEach(({ redis }, place) => {
      if (place !== MISLED) redis.cut();
    });
    await stage.redis.start();
  },
  heal: async ({ links }) => {
    await Promise.all(links.flatMap(({ postgres, redis }) => [postgres.heal(), redis.heal()]));
  },
};
