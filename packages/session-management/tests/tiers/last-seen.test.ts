import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../src/policy/limits.ts';
import { LastSeen } from '../../src/tiers/last-seen.ts';

let time = 0;
const clock = { now: () => time };
const touch = vi.fn<(handles: readonly string[], everyMs: number) => Promise<void>>();

beforeEach(() => {
  vi.useFakeTimers();
  touch.mockReset().mockResolvedValue();
  time = 1_000_000;
});

afterEach(() => {
  vi.useRealTimers();
});

describe('sightings of sessions', () => {
  it('are written together, each session once per interval', async () => {
    const seen = new LastSeen({ touch }, clock);
    for (let i = 0; i < 100; i += 1) seen.note(i % 2 === 0 ? 'a' : 'b');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(touch.mock.calls).toEqual([[['a', 'b'], LIMITS.TOUCH]]);
    seen.note('a');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(touch).toHaveBeenCalledTimes(1);
    time += LIMITS.TOUCH + 1;
    seen.note('a');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(touch).toHaveBeenCalledTimes(2);
  });

  it('that could not be written are noted again at the next use', async () => {
    const seen = new LastSeen({ touch }, clock);
    touch.mockRejectedValueOnce(new Error('down'));
    seen.note('a');
    await vi.advanceTimersByTimeAsync(1_000);
    seen.note('a');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(touch).toHaveBeenCalledTimes(2);
  });

  it('are written at the end, and hold no timer after it', async () => {
    const seen = new LastSeen({ touch }, clock);
    seen.note('a');
    await seen.flush();
    expect(touch).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wait in bounded number', async () => {
    const seen = new LastSeen({ touch }, clock);
    for (let i = 0; i < 2_500; i += 1) seen.note(`handle-${i}`);
    expect(touch.mock.calls.map(([handles]) => handles.length)).toEqual([1_000, 1_000]);
    await seen.flush();
  });
});
