import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { ANYTHING, type Fault } from '../harness/fault.ts';
import type { Call } from '../harness/recorder.ts';
import type { Stage } from '../harness/stage.ts';

const TRACER = 'strace';
/** How many writes deep: the statement, the copy, what follows. */
const DEPTH = 5;

export const crashSweep: Fault = {
  id: 'F-25, F-26',
  title: 'a process is killed at each of its writes while it signs in, extends and revokes',
  promise: 'PostgreSQL is first: what was unanswered settles one way within 5 s',
  allows: { ...ANYTHING, onlyIn: 0 },
  isQuiet: true,
  holdMs: 0,
  lacks: () => lacksProgram(TRACER),
  inject: async (stage) => {
    for (let write = 1; write <= DEPTH; write += 1) {
      for (const call of callsOf(stage)) await crashDuring(stage, call, write);
    }
  },
  heal: async () => undefined,
};

/** Why a program cannot be used here; `null` when it can. */
export function lacksProgram(name: string): string | null {
  const { error } = spawnSync(name, ['--version'], { stdio: 'ignore' });
  return error === undefined ? null : `needs ${name}`;
}

function callsOf({ recorder }: Stage): Call[] {
  const [first, second] = recorder.live();
  const [userId = ''] = recorder.users.slice(-1);
  return [
    { verb: 'delete', session: first },
    { verb: 'extend', session: second, ttl: 3_600 },
    { verb: 'revokeAll', userId },
    { verb: 'create', userId, ttl: 3_600 },
  ];
}

/** SIGKILL at the n-th write of whatever thread, counted from the moment of the call. */
async function crashDuring(stage: Stage, call: Call, write: number): Promise<void> {
  const { pid } = stage.process(0);
  const inject = `inject=write,writev,sendto,sendmsg:signal=SIGKILL:when=${write}`;
  const tracer = spawn(TRACER, ['-f', '-q', '-p', String(pid), '-e', inject], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(tracer, 'exit');
  await delay(150);
  await stage.call(0, call);
  await stage.process(0).kill();
  await ended;
  await stage.startProcess(0);
}
