import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgreedClock } from '../../src/utils/clock.ts';

describe('the agreed clock', () => {
  it('knows no time before a store has told it', () => {
    expect(new AgreedClock({ now: () => 5 }).now()).toBeNull();
  });

  it('is never further from the truth than half of the quickest reply', () => {
    const reply = fc.record({
      before: fc.integer({ min: 0, max: 400 }),
      after: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(reply, { minLength: 1, maxLength: 20 }), (replies) => {
        let steady = 0;
        const offset = 1_700_000_000_000;
        const clock = new AgreedClock({ now: () => steady });
        for (const { before, after } of replies) {
          const sentAt = steady;
          const told = sentAt + before + offset;
          steady += before + after;
          clock.observe(told, sentAt);
        }
        const quickest = Math.min(...replies.map(({ before, after }) => before + after));
        const error = Math.abs((clock.now() ?? Number.NaN) - (steady + offset));
        expect(error).toBeLessThanOrEqual(quickest / 2 + 0.001);
      }),
    );
  });

  it('follows a store whose clock was set', () => {
    const clock = new AgreedClock({ now: () => 1_000 });
    clock.observe(5_000, 990);
    clock.observe(605_000, 990);
    expect(clock.now()).toBeCloseTo(605_005, 0);
  });
});
