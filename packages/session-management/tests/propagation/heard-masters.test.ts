import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HeardMasters } from '../../src/propagation/heard-masters.ts';
import { type MasterNews, SessionStoreUnavailableError } from '../../src/types/index.ts';
import { elapse } from './stage.ts';

const DOWN = new SessionStoreUnavailableError('postgres', 'masters_hear');

let since: Map<string, number>;
let hear = vi.fn<() => Promise<MasterNews>>();
let observe = vi.fn();
let onDoubt = vi.fn();
let onHeard = vi.fn();
/** How far the steady clock and the wall clock of this process are ahead of its timers. */
let stopped: number;
let slept: number;
let heard: HeardMasters;

beforeEach(() => {
  vi.useFakeTimers();
  since = new Map([['A', 7]]);
  [stopped, slept] = [0, 0];
  hear = vi.fn(async () => ({ since: new Map(since), carrier: 'one', now: Date.now() }));
  [observe, onDoubt, onHeard] = [vi.fn(), vi.fn(), vi.fn()];
  heard = new HeardMasters({
    names: { hear },
    clock: { now: () => null, at: () => null, observe },
    monotonic: { now: () => performance.now() + stopped },
    wall: { now: () => Date.now() + stopped + slept },
    onDoubt,
    onHeard,
  });
});

afterEach(() => {
  heard.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Answers nothing from now on: neither well nor badly. */
const hang = () => hear.mockImplementation(() => new Promise(() => undefined));

describe('what a process has heard of the masters', () => {
  it('is nothing before the first answer: none counts', () => {
    expect(heard.sinceOf('A')).toBeNull();
    expect(heard.news).toBeNull();
  });

  it('is there when the start is over, and says since when each counts; others do not', async () => {
    await heard.start();
    expect([heard.sinceOf('A'), heard.sinceOf('B')]).toEqual([7, null]);
    expect(heard.news?.carrier).toBe('one');
    expect(observe).toHaveBeenCalledWith(Date.now(), performance.now());
  });

  it('is asked for twice a second, until close', async () => {
    await heard.start();
    await elapse(10_000);
    expect(hear).toHaveBeenCalledTimes(21);
    expect(onHeard).toHaveBeenCalledTimes(21);
    heard.close();
    await elapse(10_000);
    expect(hear).toHaveBeenCalledTimes(21);
  });

  it('is asked for once by all who ask at once', async () => {
    await Promise.all([heard.hear(), heard.hear()]);
    expect(hear).toHaveBeenCalledTimes(1);
  });

  it('is no error of the start where the record does not answer', async () => {
    hear.mockRejectedValue(DOWN);
    await heard.start();
    expect(heard.sinceOf('A')).toBeNull();
    expect(onHeard).not.toHaveBeenCalled();
  });
});

describe('while the record does not answer', () => {
  it('what was heard within 2 s before the first question stands for as long as that lasts', async () => {
    await heard.start();
    await elapse(400);
    hear.mockRejectedValue(DOWN);
    await elapse(300_000);
    expect(heard.sinceOf('A')).toBe(7);
    expect(onDoubt).not.toHaveBeenCalled();
  });

  it('it stands as well where a question is left without any answer', async () => {
    await heard.start();
    hang();
    await elapse(300_000);
    expect(heard.sinceOf('A')).toBe(7);
  });

  it('who has heard longer ago than 2 s has heard of none', async () => {
    await heard.hear();
    // Nobody has asked since: the timers of this process did not run.
    stopped += 1_900;
    expect(heard.sinceOf('A')).toBe(7);
    stopped += 200;
    expect(heard.sinceOf('A')).toBeNull();
  });

  it('who first asked later than that believes none, however long nobody answers', async () => {
    await heard.hear();
    hear.mockRejectedValue(DOWN);
    stopped += 2_100;
    await heard.start();
    await elapse(60_000);
    expect(heard.sinceOf('A')).toBeNull();
  });

  it('it counts again with the next answer', async () => {
    await heard.start();
    hear.mockRejectedValueOnce(DOWN);
    await elapse(500);
    since.set('A', 9);
    await elapse(500);
    expect(heard.sinceOf('A')).toBe(9);
  });
});

describe('a process that was stopped', () => {
  beforeEach(async () => {
    await heard.start();
    await elapse(1_100);
  });

  it('for 2 s believes no master when it goes on, before any timer runs', () => {
    stopped += 2_500;
    expect(heard.sinceOf('A')).toBeNull();
    expect(heard.news).toBeNull();
  });

  it('has what it kept near doubted, and believes again what it hears anew', async () => {
    stopped += 2_500;
    let believed: number | null = 0;
    hear.mockImplementationOnce(async () => {
      believed = heard.sinceOf('A');
      return { since, carrier: null, now: Date.now() };
    });
    await elapse(500);
    expect(onDoubt).toHaveBeenCalledTimes(1);
    expect(believed).toBeNull();
    expect(heard.sinceOf('A')).toBe(7);
  });

  it('while the record is away believes none when it goes on, before any timer runs and after', async () => {
    hear.mockRejectedValue(DOWN);
    await elapse(1_000);
    expect(heard.sinceOf('A')).toBe(7);
    stopped += 2_500;
    expect(heard.sinceOf('A')).toBeNull();
    await elapse(60_000);
    expect(heard.sinceOf('A')).toBeNull();
  });

  it('does not believe an answer to what it had asked before', async () => {
    let answer = (): void => undefined;
    hear.mockImplementationOnce(
      () =>
        new Promise((resolve) => {
          answer = () => resolve({ since, carrier: null, now: Date.now() });
        }),
    );
    hear.mockRejectedValue(DOWN);
    await elapse(500);
    stopped += 10_000;
    await elapse(500);
    answer();
    await elapse(500);
    expect(heard.sinceOf('A')).toBeNull();
  });

  it('does not believe after a sleep what was asked before it, however long the record is away then', async () => {
    let answer: (news: MasterNews) => void = () => undefined;
    hear.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    const asked = heard.hear();
    slept += 5_000;
    await elapse(500);
    answer({ since: new Map(since), carrier: 'one', now: Date.now() });
    await asked;
    expect(heard.sinceOf('A')).toBeNull();
    hear.mockRejectedValue(DOWN);
    await elapse(60_000);
    expect(heard.sinceOf('A')).toBeNull();
  });

  it('asks anew, where what is asked just now was sent before', async () => {
    let answer: (news: MasterNews) => void = () => undefined;
    hear.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    const before = heard.hear();
    await elapse(0);
    const anew = heard.hear();
    since.set('A', 8);
    answer({ since: new Map([['A', 7]]), carrier: 'one', now: Date.now() });
    await Promise.all([before, anew]);
    expect(heard.sinceOf('A')).toBe(8);
  });

  it('for less goes on believing', async () => {
    stopped += 1_000;
    expect(heard.sinceOf('A')).toBe(7);
    await elapse(500);
    expect(onDoubt).not.toHaveBeenCalled();
  });

  it('whose machine slept, so that only its wall clock has gone on, believes none, before the next timer and after', async () => {
    hear.mockRejectedValue(DOWN);
    slept += 5_000;
    await elapse(500);
    expect(heard.sinceOf('A')).toBeNull();
    expect(onDoubt).toHaveBeenCalledTimes(1);
    await elapse(60_000);
    expect(onDoubt).toHaveBeenCalledTimes(1);
  });

  it('is not one whose wall clock is corrected by less than a second, or set back', async () => {
    hear.mockRejectedValue(DOWN);
    for (const correction of [900, 900, -60_000]) {
      slept += correction;
      await elapse(500);
    }
    expect(heard.sinceOf('A')).toBe(7);
  });
});

describe('what is kept near', () => {
  beforeEach(async () => {
    since = new Map([
      ['A', 7],
      ['B', 8],
    ]);
    await heard.start();
  });

  it.each<[string, [string, number][]]>([
    ['a name goes', [['B', 8]]],
    ['all go', []],
    [
      'an instant is raised',
      [
        ['A', 9],
        ['B', 8],
      ],
    ],
    [
      'an instant is lowered',
      [
        ['A', 6],
        ['B', 8],
      ],
    ],
    [
      'another takes the place of one',
      [
        ['B', 8],
        ['C', 9],
      ],
    ],
  ])('is doubted once when %s', async (_what, next) => {
    since = new Map(next);
    await elapse(5_000);
    expect(onDoubt).toHaveBeenCalledTimes(1);
  });

  it.each<[string, [string, number][]]>([
    [
      'nothing changes',
      [
        ['A', 7],
        ['B', 8],
      ],
    ],
    [
      'a name comes',
      [
        ['A', 7],
        ['B', 8],
        ['C', 9],
      ],
    ],
  ])('is not when %s', async (_what, next) => {
    since = new Map(next);
    await elapse(5_000);
    expect(onDoubt).not.toHaveBeenCalled();
  });

  it('is doubted for what was missed while the record did not answer', async () => {
    hear.mockRejectedValueOnce(DOWN);
    await elapse(500);
    since.delete('A');
    await elapse(500);
    expect(onDoubt).toHaveBeenCalledTimes(1);
  });
});
