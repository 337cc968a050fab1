import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '@repo/local-stores';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserManager } from '../../src/types/index.ts';
import { logIn, NearStage, until } from './near-stage.ts';

const DOOR = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

/** Answers each sessionId that it is sent: first the lookup, then whether its near copy gave the answer. */
const PROGRAM = `
  const { UserManagerFactory } = await import(${JSON.stringify(DOOR)});
  const manager = await UserManagerFactory.create();
  let hits = 0;
  process.on('message', async (sessionId) => {
    const { status } = await manager.validateSession(sessionId);
    const { nearCopies } = await manager.health();
    process.send({ status, isNear: nearCopies.hits > hits });
    hits = nearCopies.hits;
  });
  process.on('disconnect', () => void manager.close());
  process.send('ready');
`;

interface Answer {
  status: string;
  isNear: boolean;
}

let stage: NearStage;
let other: UserManager;
let child: ChildProcess;
let end: () => Promise<void>;

beforeAll(async () => {
  stage = await NearStage.open();
  other = await stage.other();
  child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      NODE_ENV: 'production',
      DATABASE_URL: stage.databaseUrl,
      REDIS_URL: stage.redis.url,
      SESSION_REDIS_TIMEOUT: '2s',
      SESSION_POSTGRES_TIMEOUT: '4s',
      SESSION_LOOKUP_DEADLINE: '8s',
    },
  });
  end = endWithUs(child.pid ?? 0, 'SIGTERM');
  await once(child, 'message');
}, 60_000);

afterAll(async () => {
  if (child?.connected) {
    child.disconnect();
    await once(child, 'exit');
  }
  await end?.();
  await stage?.close();
});

/** The question reaches the process before or after it is stopped; the answer comes when it runs. */
async function ask(sessionId: string): Promise<Answer> {
  const answered = once(child, 'message');
  child.send(sessionId);
  const [answer] = (await answered) as [Answer];
  return answer;
}

describe('a process that was stopped for longer than a second', () => {
  it('refuses by its first lookup after waking what another process ended meanwhile, five times', async () => {
    for (let round = 0; round < 5; round += 1) {
      const sessionId = await logIn(other);
      await until(async () =>
        expect(await ask(sessionId)).toEqual({ status: 'active', isNear: true }),
      );
      child.kill('SIGSTOP');
      await other.deleteSession(sessionId);
      // Waiting by the queue before the process wakes, beside what Redis told.
      const first = ask(sessionId);
      await delay(1_500);
      child.kill('SIGCONT');
      expect(await first).toEqual({ status: 'none', isNear: false });
      expect((await ask(sessionId)).status).toBe('none');
    }
  });

  it('keeps near again what it reads after waking', async () => {
    const sessionId = await logIn(other);
    child.kill('SIGSTOP');
    await delay(1_500);
    child.kill('SIGCONT');
    await until(async () =>
      expect(await ask(sessionId)).toEqual({ status: 'active', isNear: true }),
    );
  });
});
