import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreGuard } from '../../src/tiers/store-guard.ts';

class Reply extends Error {}

const down = () => Promise.reject(new Error('ECONNREFUSED'));
const fine = () => Promise.resolve('answer');
const never = () => new Promise<never>(() => undefined);
const unavailable = { code: 'STORE_UNAVAILABLE', store: 'redis' };

let ping = vi.fn<() => Promise<unknown>>();
let warn = vi.fn();
let info = vi.fn();
let abandoned = vi.fn();
let told = vi.fn();
let guard: StoreGuard;

beforeEach(() => {
  vi.useFakeTimers();
  ping = vi.fn(down);
  [warn, info, abandoned, told] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
  guard = new StoreGuard({
    store: 'redis',
    patienceMs: 50,
    ping,
    isNoFault: (error) => error instanceof Reply,
    abandoned,
    logger: { debug: () => undefined, error: () => undefined, info, warn },
    events: { tell: told },
    wall: { now: () => Date.now() },
    random: () => 1,
  });
});

afterEach(() => {
  guard.close();
  vi.useRealTimers();
});

async function fail(times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) await guard.run('get', down).catch(() => undefined);
}

describe('a guarded store', () => {
  it('is given up after its time, and what carried the answer with it', async () => {
    const call = expect(guard.run('get', never)).rejects.toMatchObject(unavailable);
    await vi.advanceTimersByTimeAsync(51);
    await call;
    expect(abandoned).toHaveBeenCalledTimes(1);
  });

  it('counts one late answer once, however many calls fall with what carried it', async () => {
    let drop = (): void => undefined;
    const carried = new Promise<never>((_resolve, reject) => {
      drop = () => reject(new Error('the connection was given up'));
    });
    abandoned.mockImplementation(() => drop());
    const calls = Array.from({ length: 20 }, () => guard.run('get', () => carried));
    const all = Promise.allSettled(calls);
    await vi.advanceTimersByTimeAsync(51);
    expect((await all).every(({ status }) => status === 'rejected')).toBe(true);
    expect(abandoned).toHaveBeenCalledTimes(1);
    expect(guard.degradedSince).toBeNull();

    for (let time = 0; time < 4; time += 1) {
      const late = guard.run('get', never).catch(() => undefined);
      await vi.advanceTimersByTimeAsync(51);
      await late;
    }
    expect(guard.degradedSince).not.toBeNull();
  });

  it('counts as down after five failures in a row, and is not asked then', async () => {
    await fail(4);
    await guard.run('get', fine);
    await fail(4);
    expect(guard.degradedSince).toBeNull();
    await fail(1);
    expect(guard.degradedSince).toBe(Date.now());
    const call = vi.fn(fine);
    await expect(guard.run('get', call)).rejects.toMatchObject(unavailable);
    expect(call).not.toHaveBeenCalled();
  });

  it('does not count as down for saying no', async () => {
    const no = () => Promise.reject(new Reply('OOM'));
    for (let i = 0; i < 20; i += 1) await expect(guard.run('set', no)).rejects.toThrow(Reply);
    expect(await guard.run('get', fine)).toBe('answer');
  });

  it('is probed ever more rarely, and used again at the first answer', async () => {
    await fail(5);
    await vi.advanceTimersByTimeAsync(250 + 500 + 1_000 + 2_000 + 2_000);
    expect(ping).toHaveBeenCalledTimes(5);
    ping.mockImplementation(fine);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await guard.run('get', fine)).toBe('answer');
    expect(guard.degradedSince).toBeNull();
  });

  it('tells each change of its state once', async () => {
    await fail(50);
    ping.mockImplementation(fine);
    await vi.advanceTimersByTimeAsync(250);
    expect(warn.mock.calls.map(([message]) => message)).toEqual(['store.degraded']);
    expect(info.mock.calls.map(([message]) => message)).toEqual(['store.healed']);
    expect(told.mock.calls).toEqual([
      [{ kind: 'store-degraded', store: 'redis' }],
      [{ kind: 'store-healed', store: 'redis', downMs: expect.any(Number) }],
    ]);
  });

  it('goes down and heals again and again', async () => {
    for (let round = 0; round < 3; round += 1) {
      ping.mockImplementation(down);
      await fail(5);
      expect(guard.degradedSince).not.toBeNull();
      ping.mockImplementation(fine);
      await vi.advanceTimersByTimeAsync(250);
      expect(guard.degradedSince).toBeNull();
    }
  });

  it('holds no timer after it is closed', async () => {
    await fail(5);
    guard.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
