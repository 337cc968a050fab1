import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { scheduleCleanup } from '../../src/factories/scheduled-cleanup.ts';
import { readSettings } from '../../src/factories/settings.ts';
import {
  type CleanupOptions,
  ManagerClosedError,
  SessionStoreUnavailableError,
} from '../../src/types/index.ts';

const HOUR = 3_600_000;
const NOTHING = { deleted: 0, auditDeleted: 0 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** A manager that is cleaned each hour, as far as the schedule knows it. */
function scheduled(every: number | null = HOUR, spread = 0.5) {
  const closing = new AbortController();
  const cleanup = vi.fn(async (_options?: CleanupOptions) => NOTHING);
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const monotonic = { now: () => Date.now() };
  const tools = { logger, monotonic, random: () => spread };
  scheduleCleanup({ cleanup, closing: closing.signal }, every, tools);
  return { cleanup, logger, close: () => closing.abort() };
}

describe('the cleanup by timer', () => {
  it('runs each time that the wait is over, in small batches with an end', async () => {
    const { cleanup } = scheduled();
    await vi.advanceTimersByTimeAsync(HOUR - 1);
    expect(cleanup).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2 * HOUR + 1);

    expect(cleanup).toHaveBeenCalledTimes(3);
    const [options] = cleanup.mock.calls[0] ?? [];
    expect(options?.batchSize).toBeLessThan(1_000);
    expect(options?.signal?.aborted).toBe(false);
  });

  it('spreads the processes over an hour, and no wait is less than half of it', async () => {
    const [first, last] = [scheduled(HOUR, 0), scheduled(HOUR, 1)];
    await vi.advanceTimersByTimeAsync(HOUR / 2 - 1);
    expect(first.cleanup).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(first.cleanup).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(HOUR - 1);
    expect(last.cleanup).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(last.cleanup).toHaveBeenCalledOnce();
  });

  it('never runs twice at once', async () => {
    const { cleanup } = scheduled();
    let end = (): void => undefined;
    cleanup.mockImplementationOnce(() => new Promise((resolve) => (end = () => resolve(NOTHING))));
    await vi.advanceTimersByTimeAsync(5 * HOUR);
    expect(cleanup).toHaveBeenCalledTimes(1);
    end();
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(cleanup).toHaveBeenCalledTimes(2);
  });

  it('goes on after a failure, and tells of it once an hour', async () => {
    const { cleanup, logger } = scheduled(HOUR / 10);
    cleanup.mockRejectedValue(new SessionStoreUnavailableError('postgres', 'cleanup'));
    await vi.advanceTimersByTimeAsync(1.5 * HOUR);

    expect(cleanup).toHaveBeenCalledTimes(15);
    expect(logger.warn.mock.calls).toEqual(
      Array(2).fill(['session.cleanup_failed', { cause: 'SessionStoreUnavailableError' }]),
    );
  });

  it('stops with the manager, before, in and after a run, without a word', async () => {
    const waiting = scheduled();
    waiting.close();
    const running = scheduled();
    running.cleanup.mockImplementationOnce(async () => {
      running.close();
      throw new ManagerClosedError();
    });
    await vi.advanceTimersByTimeAsync(3 * HOUR);

    expect(waiting.cleanup).not.toHaveBeenCalled();
    expect(running.cleanup).toHaveBeenCalledOnce();
    expect(running.logger.warn).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not keep the process alive, and is not there unless it is told', () => {
    const unref = vi.spyOn(globalThis, 'setTimeout');
    scheduled(null);
    expect(unref).not.toHaveBeenCalled();
    scheduled();
    expect(unref.mock.results[0]?.value.hasRef()).toBe(false);
  });
});

describe('its settings', () => {
  it('are durations, by option or by variable; unless told a day, and no age', () => {
    expect(readSettings({})).toMatchObject({ cleanupEvery: 24 * HOUR, auditKeep: null });
    expect(readSettings({ cleanupEvery: 'off' }).cleanupEvery).toBeNull();
    vi.stubEnv('SESSION_CLEANUP_EVERY', '1h');
    vi.stubEnv('SESSION_AUDIT_KEEP', '365d');
    expect(readSettings({})).toMatchObject({ cleanupEvery: HOUR, auditKeep: 365 * 24 * HOUR });
    expect(readSettings({ cleanupEvery: 60 }).cleanupEvery).toBe(60_000);
  });

  it.each([
    ['SESSION_CLEANUP_EVERY', '59s', 'off, or such as "1h", from "1m" to "7d"'],
    ['SESSION_CLEANUP_EVERY', '8d', 'off, or such as "1h", from "1m" to "7d"'],
    ['SESSION_AUDIT_KEEP', '23h', 'such as "365d", at least "1d"'],
  ])('refuse %s=%s by name', (name, value, takes) => {
    vi.stubEnv(name, value);
    expect(() => readSettings({})).toThrow(`${name} takes ${takes}; it got "${value}"`);
  });
});
