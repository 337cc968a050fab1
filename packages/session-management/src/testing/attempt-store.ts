import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attemptKeys } from '../policy/log-in-limits.ts';
import type { AttemptStore } from '../types/index.ts';

/** A place to count attempts in, with nothing counted yet. */
export interface AttemptStoreHarness {
  store: AttemptStore;
  /** Lets at least `ms` pass for the store. */
  elapse(ms: number): Promise<void>;
  close(): Promise<void>;
}

const MOST = 5;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const LIMIT = { most: MOST, withinMs: MINUTE };
const BRIEF = { most: MOST, withinMs: SECOND };
const { account, accountAndNetwork: other } = attemptKeys('ann@example.org', '203.0.113.7');

/** The promises that every {@link AttemptStore} makes. Run it against each implementation. */
export function describeAttemptStore(name: string, open: () => Promise<AttemptStoreHarness>): void {
  describe(`${name} keeps the AttemptStore promises`, () => {
    let harness: AttemptStoreHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());
    const store = (): AttemptStore => harness.store;

    /** How many of so many at once are granted. */
    const grants = async (count: number, key = account): Promise<number> => {
      const tries = Array.from({ length: count }, () => store().take(key, LIMIT));
      return (await Promise.all(tries)).filter(({ granted }) => granted).length;
    };

    it('grants no more of many at once than the limit, and keys have windows of their own', async () => {
      expect(await grants(50)).toBe(MOST);
      expect(await grants(50)).toBe(0);
      expect(await grants(50, other)).toBe(MOST);
    });

    it('tells what is left of a window, which later attempts do not lengthen', async () => {
      const first = await store().take(account, LIMIT);
      await grants(MOST);
      await harness.elapse(20);
      const refused = await store().take(account, LIMIT);

      expect(first.leftMs).toBeLessThanOrEqual(MINUTE);
      expect(first.leftMs).toBeGreaterThan(MINUTE - 10 * SECOND);
      expect(refused.granted).toBe(false);
      expect(refused.leftMs).toBeLessThan(first.leftMs);
    });

    it('takes back one for one, whatever was refused meanwhile, and never below none', async () => {
      const { leftMs } = await store().take(account, LIMIT);
      await grants(50);
      await store().takeBack(account, leftMs);
      expect(await grants(50)).toBe(1);

      for (let times = 0; times < 3 * MOST; times += 1) await store().takeBack(account, leftMs);
      expect(await grants(50)).toBe(MOST);
    });

    it('takes nothing back where there is nothing, and begins anew what was forgotten', async () => {
      await store().takeBack(account, MINUTE);
      expect(await grants(50)).toBe(MOST);
      await store().forget(account);
      expect(await grants(50)).toBe(MOST);
    });

    it('begins anew when a window is over, and takes nothing of the old one from the new', async () => {
      const { leftMs } = await store().take(account, BRIEF);
      await harness.elapse(SECOND);
      expect(await grants(50)).toBe(MOST);

      await store().takeBack(account, leftMs);
      expect(await grants(50)).toBe(0);
    });

    it('remembers for as long as it was told', async () => {
      await Promise.all([store().remember(account, MINUTE), store().remember(other, 50)]);
      expect(await store().knows(account)).toBe(true);
      await harness.elapse(50);

      expect(await store().knows(other)).toBe(false);
      expect(await store().knows(account)).toBe(true);
    });
  });
}
