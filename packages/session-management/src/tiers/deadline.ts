import { SessionStoreUnavailableError, type StoreName } from '../types/index.ts';

/**
 * Waits for an answer, but not longer than this many milliseconds.
 *
 * An answer that has arrived while this process was busy counts as come: once the time is up, the
 * event loop gets one more turn to deliver it, so that our own delay is not taken for the store's.
 *
 * @param late - Called when the answer was given up.
 * @throws {SessionStoreUnavailableError} when it did not come in time.
 */
export async function within<T>(
  ms: number,
  store: StoreName,
  operation: string,
  answer: Promise<T>,
  late: () => void = () => undefined,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let settled = false;
  const alarm = new Promise<never>((_resolve, reject) => {
    const giveUp = (): void => {
      if (settled) return;
      reject(new SessionStoreUnavailableError(store, operation));
      late();
    };
    timer = setTimeout(() => setImmediate(giveUp), ms);
  });
  try {
    return await Promise.race([answer, alarm]);
  } finally {
    settled = true;
    clearTimeout(timer);
  }
}

/** Lets this many milliseconds go by. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
