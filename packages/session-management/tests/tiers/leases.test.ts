import { beforeEach, describe, expect, it } from 'vitest';
import { Leases } from '../../src/tiers/leases.ts';
import type { PushFeed } from '../../src/types/index.ts';

let feed: PushFeed | null;
let leases: Leases;

beforeEach(() => {
  feed = { heardUntil: 1_000 };
  leases = new Leases({ feedOf: () => feed });
});

describe('leases', () => {
  it('leave nothing behind after 20,000 reads of 100 keys, among changes and broken connections', () => {
    const open = Array.from({ length: 10 }, () => leases.begin());
    for (let n = 0; n < 20_000; n += 1) {
      const at = n % open.length;
      open[at]?.end();
      const reading = leases.begin();
      reading.lease(`session:${n % 100}`);
      reading.lease(`user:${n % 7}`);
      open[at] = reading;
      if (n % 13 === 0) leases.break(`session:${n % 100}`);
      if (n % 97 === 0) feed = { heardUntil: n };
      expect(leases.size).toBeLessThanOrEqual(20);
    }
    for (const reading of open) reading.end();
    expect(leases.size).toBe(0);
  });

  it('are broken by a change of their key, for every reader that began before it and for no later one', () => {
    const [first, second, third] = [leases.begin(), leases.begin(), leases.begin()];
    first.lease('key');
    second.lease('key');
    leases.break('key');
    third.lease('key');
    expect([first, second, third].map((each) => each.feedOf('key'))).toEqual([null, null, feed]);
    first.end();
    second.end();
    leases.break('key');
    expect(third.feedOf('key')).toBeNull();
  });

  it('are worth nothing under another feed than they were taken under, and none is taken under none', () => {
    const before = leases.begin();
    before.lease('key');
    feed = { heardUntil: 2_000 };
    expect(before.feedOf('key')).toBeNull();
    feed = null;
    const without = leases.begin();
    without.lease('key');
    expect(without.feedOf('key')).toBeNull();
    feed = { heardUntil: 3_000 };
    expect(without.feedOf('key')).toBeNull();
  });
});
