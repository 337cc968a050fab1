import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/policy/limits.ts';
import { LeftRows } from '../../src/propagation/left-rows.ts';
import type { OutboxRow } from '../../src/types/index.ts';

const row = (id: string, ageMs = 0): OutboxRow => ({
  ...{ xact: '7', id, kind: 'user', key: `user-${id}`, realm: null, isEnd: false, ageMs },
});
const ids = (rows: LeftRows, now: number) => rows.due(now).map(({ id }) => id);

describe('a row that was seen', () => {
  it.each([
    ['just written', 0, 200],
    ['written 150 ms ago', 150, 50],
    ['written long ago', 90_000, 0],
    ['of a clock that was set back since', -3_600_000, 200],
  ])('is due 200 ms after it was written: %s', (_what, ageMs, wait) => {
    const left = new LeftRows();
    left.see(row('1', ageMs), 1_000);
    expect(ids(left, 1_000 + wait - 1)).toEqual([]);
    expect(ids(left, 1_000 + wait)).toEqual(['1']);
  });

  it('is known by transaction and id', () => {
    const left = new LeftRows();
    left.see(row('1'), 0);
    expect(left.knows(row('1'))).toBe(true);
    expect(left.knows({ xact: '8', id: '1' })).toBe(false);
    expect(left.size).toBe(1);
  });

  it('is named as the record takes it, until it is forgotten', () => {
    const left = new LeftRows();
    left.see(row('1'), 0);
    left.see(row('2'), 0);
    left.forget(row('1'));
    expect(left.due(200)).toMatchObject([{ xact: '7', id: '2' }]);
    left.clear();
    expect([left.size, left.due(200)]).toEqual([0, []]);
  });
});

describe('a row that failed', () => {
  it('waits 1 s, 2 s, then 5 s each time, and keeps back no other', () => {
    const left = new LeftRows();
    left.see(row('1'), 0);
    left.see(row('2'), 0);
    let now = 200;
    for (const pause of [1_000, 2_000, 5_000, 5_000]) {
      expect(left.failed(row('1'), now)).toBe(true);
      expect(ids(left, now + pause - 1)).toEqual(['2']);
      now += pause;
      expect(ids(left, now)).toEqual(['1', '2']);
    }
  });

  it('is given up W after it failed first, not after it was written', () => {
    const left = new LeftRows();
    left.see(row('1', 10 * LIMITS.W), 0);
    expect(left.failed(row('1'), 5_000)).toBe(true);
    expect(left.failed(row('1'), 5_000 + LIMITS.W - 1)).toBe(true);
    expect(left.failed(row('1'), 5_000 + LIMITS.W)).toBe(false);
  });

  it('is not given up by who has forgotten it', () => {
    expect(new LeftRows().failed(row('1'), LIMITS.W * 9)).toBe(true);
  });
});
