import { hasCode, type Logger, type MonotonicClock } from '../types/index.ts';
import type { Closable } from './build-manager.ts';

interface Tools {
  logger: Logger;
  monotonic: MonotonicClock;
  /** A number from 0 to 1, for jitter. */
  random(): number;
}

/** Rows of one statement: few, since requests ask the same pool meanwhile. */
const BATCH = 200;
/** Longest run, in milliseconds. What is left then is the next run's. */
const LONGEST_RUN = 30_000;
/** Failures told at most once in this time, in milliseconds. */
const TELL_EVERY = 3_600_000;

/**
 * Has a manager clean up now and again until it closes, without keeping the process alive.
 *
 * Each wait is between half and one and a half of `everyMs`, so that processes which started together
 * run apart; two that meet all the same share the work. One run at a time: the next wait begins when
 * a run has ended. A failure is logged and the next run does its work.
 *
 * @param everyMs - `null`: never.
 */
export function scheduleCleanup(
  manager: Pick<Closable, 'cleanup' | 'closing'>,
  everyMs: number | null,
  { logger, monotonic, random }: Tools,
): void {
  if (everyMs === null || manager.closing.aborted) return;
  let timer: NodeJS.Timeout | undefined;
  let silentUntil = 0;

  const wait = (): void => {
    if (manager.closing.aborted) return;
    timer = setTimeout(() => void run().then(wait), everyMs * (0.5 + random())).unref();
  };
  const run = async (): Promise<void> => {
    try {
      const signal = AbortSignal.timeout(LONGEST_RUN);
      const report = await manager.cleanup({ batchSize: BATCH, signal });
      logger.debug('session.cleaned_up', { ...report });
    } catch (error) {
      if (hasCode(error, 'MANAGER_CLOSED') || monotonic.now() < silentUntil) return;
      silentUntil = monotonic.now() + TELL_EVERY;
      logger.warn('session.cleanup_failed', { cause: error instanceof Error ? error.name : '' });
    }
  };
  manager.closing.addEventListener('abort', () => clearTimeout(timer), { once: true });
  wait();
}
