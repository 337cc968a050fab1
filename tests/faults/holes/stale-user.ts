import type { Stage, StageOptions } from '../harness/stage.ts';
import { carried, lostWrites, newcomer, past, sessionOf } from './steps.ts';

export const STALE_USER: StageOptions = {
  processes: 1,
  users: 1,
  sessionsPerUser: 1,
  env: { SESSION_CONFIRM_AFTER: '1' },
};

/**
 * The role that a lookup tells F after it was changed, where Redis has lost the change and an
 * extension keeps the copy of the session young.
 */
export async function roleAfterLostChange(stage: Stage): Promise<string> {
  const session = sessionOf(stage, 0);
  const { token, userId } = session;
  const lose = await lostWrites(stage, `user:${userId}`);
  await stage.process(0).call('setRole', { userId, role: 'ADMIN' });
  const changed = performance.now();
  await carried(stage);
  await lose();

  const place = await newcomer(stage);
  await past(changed, 1_100);
  await stage.call(0, { verb: 'extend', session, ttl: 3_600 });
  const { outcome } = await stage.process(place).call('validate', { token });
  return outcome.kind === 'valid' ? outcome.role : outcome.kind;
}
