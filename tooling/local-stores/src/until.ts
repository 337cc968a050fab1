import { setTimeout as delay } from 'node:timers/promises';

const DEADLINE_MS = 30_000;
const LOOK_AGAIN_MS = 25;

/**
 * Waits until a condition holds; one that throws does not hold yet.
 *
 * @throws {Error} After 30 s; its cause is the last error of the condition.
 */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const answer = await holds().catch((error: unknown) => ({ error }));
    if (answer === true) return;
    if (performance.now() > deadline) {
      const cause = answer === false ? undefined : answer.error;
      throw new Error(`waited ${DEADLINE_MS} ms in vain until ${what}`, { cause });
    }
    await delay(LOOK_AGAIN_MS);
  }
}
