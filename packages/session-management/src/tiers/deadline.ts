import { SessionStoreUnavailableError, type StoreName } from '../types/index.ts';

/** Waits for an answer, but not longer than this many milliseconds. A late answer is dropped by its caller's rules, never reused. */
export async function within<T>(
  ms: number,
  store: StoreName,
  operation: string,
  answer: Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new SessionStoreUnavailableError(store, operation)), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
