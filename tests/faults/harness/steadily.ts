import { setTimeout as delay } from 'node:timers/promises';

const BREATH = 5;

/** Begins it so many times a second, whether the earlier ones have ended or not; all that came of it. */
export async function steadily<T>(
  perSecond: number,
  until: AbortSignal,
  work: (turn: number) => Promise<T>,
): Promise<T[]> {
  const begun: Promise<T>[] = [];
  const start = performance.now();
  while (!until.aborted) {
    const due = ((performance.now() - start) / 1_000) * perSecond;
    while (begun.length < due) begun.push(heard(work(begun.length)));
    await delay(BREATH);
  }
  return await Promise.all(begun);
}

/** A failure waits until somebody asks for it. */
function heard<T>(call: Promise<T>): Promise<T> {
  call.catch(() => undefined);
  return call;
}
