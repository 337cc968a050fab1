import { SessionStoreUnavailableError, type StoreName } from '../types/index.ts';

/**
 * Waits for an answer, but not longer than this many milliseconds.
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
  const alarm = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      late();
      reject(new SessionStoreUnavailableError(store, operation));
    }, ms);
  });
  try {
    return await Promise.race([answer, alarm]);
  } finally {
    clearTimeout(timer);
  }
}
