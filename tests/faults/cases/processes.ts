import { setTimeout as delay } from 'node:timers/promises';
import { ANYTHING, type Fault, UNHARMED } from '../harness/fault.ts';
import { sessionKeyOf, userKeys } from '../harness/keys.ts';
import type { Stage } from '../harness/stage.ts';
import { lacksProgram } from './crashes.ts';

const STALLED = { deadline: 3_000 } as const;

export const refillRace: Fault = {
  id: 'F-28',
  title: 'a process stands still between its read and its fill while another revokes',
  promise: 'the late fill revives nothing',
  allows: UNHARMED,
  bounds: STALLED,
  holdMs: 500,
  inject: async (stage) => {
    const userKeyOf = await userKeys(stage);
    for (const session of stage.recorder.live().slice(0, 25)) {
      // Not everything: without the tombstones of before, what is filled too late counts until F (P3).
      await stage.redisCommand('DEL', sessionKeyOf(session), userKeyOf(session.userId));
      const lookup = stage.call(1, { verb: 'validate', session });
      await delay(stage.random.below(4));
      stage.process(1).signal('SIGSTOP');
      await stage.call(0, { verb: 'delete', session });
      stage.process(1).signal('SIGCONT');
      await lookup;
    }
  },
  heal: async () => undefined,
};

export const lateWrites: Fault = {
  id: 'F-29',
  title: 'writes to Redis arrive after a revoke by another process',
  promise: 'the late write revives nothing',
  allows: UNHARMED,
  options: { proxied: true },
  holdMs: 0,
  inject: async (stage) => {
    const { redis } = stage.linksOf(1);
    for (const session of stage.recorder.live().slice(0, 8)) {
      redis.freeze('toServer');
      const extension = stage.call(1, { verb: 'extend', session, ttl: 3_600 });
      const lookup = stage.call(1, { verb: 'validate', session });
      await delay(100);
      await stage.call(0, { verb: 'delete', session });
      await redis.heal();
      await Promise.all([extension, lookup]);
      await stage.call(2, { verb: 'confirm', session });
    }
  },
  heal: async () => undefined,
};

export const stalled: Fault = {
  id: 'F-30',
  title: 'one process does nothing else for a second',
  promise: 'the others do not notice; nothing old is used when it goes on',
  allows: { ...ANYTHING, onlyIn: 0 },
  bounds: STALLED,
  holdMs: 500,
  inject: async (stage) => {
    await stage.process(0).call('stall', { ms: 1_000 });
    await stage.process(0).call('stall', { ms: 1_000 });
  },
  heal: async () => undefined,
};

export const terminated: Fault = {
  id: 'F-33',
  title: 'a process is asked to end under load',
  promise: 'its calls finish; it ends by itself with code 0 within 10 s',
  allows: UNHARMED,
  holdMs: 500,
  inject: async (stage) => {
    const application = stage.process(0);
    const ended = application.ended();
    await delay(20);
    application.signal('SIGTERM');
    const late = delay(10_000).then(() => Promise.reject(new Error('it did not end in 10 s')));
    await Promise.race([ended, late]);
    if (application.exitCode !== 0) throw new Error(`it ended with ${application.exitCode}`);
  },
  heal: async (stage) => void (await stage.startProcess(0)),
};

export const killedProcess: Fault = {
  id: 'F-25 load',
  title: 'processes are killed under load, whatever they are doing',
  promise: 'what they acknowledged holds; what they did not settles one way',
  allows: ANYTHING,
  holdMs: 0,
  inject: async (stage) => {
    for (const place of [0, 1, 2, 0, 1]) {
      await stage.process(place).kill();
      await stage.startProcess(place);
      await delay(200);
    }
  },
  heal: async () => undefined,
};

export const skewed: Fault = {
  id: 'F-24',
  title: 'the clocks of two processes are ten minutes off, either way',
  promise: 'nothing expires early or late',
  allows: UNHARMED,
  options: { env: { DONT_FAKE_MONOTONIC: '1' } },
  lacks: () => lacksProgram('faketime'),
  inject: async (stage) => {
    await restartUnder(stage, 1, ['faketime', '-f', '+10m']);
    await restartUnder(stage, 2, ['faketime', '-f', '-10m']);
  },
  heal: async () => undefined,
};

async function restartUnder(stage: Stage, place: number, under: string[]): Promise<void> {
  const application = stage.process(place);
  application.signal('SIGTERM');
  await application.ended();
  await stage.startProcess(place, { under });
}
