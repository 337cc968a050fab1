import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isExpired } from '../../src/policy/expiry.ts';
import { LIMITS } from '../../src/policy/limits.ts';
import {
  extensionOf,
  type Life,
  type LifeRule,
  lifeOfNew,
  renewedLife,
} from '../../src/policy/renewal.ts';

const NOON = Date.UTC(2026, 0, 1, 12);

/** A rule that does not contradict itself. */
const rules = fc
  .record({
    timeoutMs: fc.integer({ min: 2_000, max: 3_600_000 }),
    part: fc.double({ min: 0, max: 0.99, noNaN: true }),
    times: fc.integer({ min: 1, max: 50 }),
  })
  .map(({ part, times, timeoutMs }) => ({
    absoluteMs: timeoutMs * times,
    idle: { timeoutMs, updateAgeMs: Math.max(1, Math.floor(timeoutMs * part)) },
  }));

function opened(rule: LifeRule, askedMs: number): Life {
  const { absoluteMs, ttlMs } = lifeOfNew(rule, askedMs);
  const expiresAt = NOON + Math.min(ttlMs, absoluteMs);
  return { createdAt: NOON, expiresAt, absoluteExpiresAt: NOON + absoluteMs };
}

/** Uses the session after each gap while it lives; each life it had, and when it was written. */
function lived(rule: LifeRule, first: Life, gaps: readonly number[]) {
  let life = first;
  let now = first.createdAt;
  const writes: number[] = [];
  for (const gap of gaps) {
    now += gap;
    if (isExpired(life.expiresAt, now)) break;
    const renewed = renewedLife(life, rule, now);
    if (renewed === null) continue;
    writes.push(now);
    life = renewed;
  }
  return { life, now, writes };
}

const gaps = fc.array(fc.double({ min: 0, max: 1.2, noNaN: true }), { maxLength: 100 });

describe('the life of a session that must be used', () => {
  it('is never longer than its ttl, its absolute limit, or the idle timeout after a use', () => {
    const asked = fc.integer({ min: 1_000, max: 7_200_000 });
    fc.assert(
      fc.property(rules, asked, gaps, (rule, askedMs, parts) => {
        const first = opened(rule, askedMs);
        const waits = parts.map((part) => Math.floor(part * rule.idle.timeoutMs));
        const { life, now } = lived(rule, first, waits);

        expect(life.absoluteExpiresAt).toBe(NOON + Math.min(askedMs, rule.absoluteMs));
        expect(life.expiresAt).toBeLessThanOrEqual(life.absoluteExpiresAt);
        expect(life.expiresAt).toBeLessThanOrEqual(now + rule.idle.timeoutMs);
      }),
    );
  });

  it('goes on to its absolute limit when it is used oftener than idle timeout − update age', () => {
    fc.assert(
      fc.property(rules, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (rule, part) => {
        const first = opened(rule, rule.absoluteMs);
        const { timeoutMs, updateAgeMs } = rule.idle;
        const gap = Math.max(1, Math.floor((timeoutMs - updateAgeMs) * part));
        fc.pre(rule.absoluteMs / gap < 20_000);
        const { now } = lived(rule, first, Array(Math.ceil(rule.absoluteMs / gap)).fill(gap));

        expect(now).toBeGreaterThanOrEqual(first.absoluteExpiresAt);
      }),
    );
  });

  it('is written at most once per update age, but for the last time before its limit', () => {
    fc.assert(
      fc.property(rules, gaps, (rule, parts) => {
        const waits = parts.map((part) => Math.floor(part * rule.idle.updateAgeMs));
        const { writes } = lived(rule, opened(rule, rule.absoluteMs), waits);
        const between = writes.map((at, n) => at - (writes[n - 1] ?? NOON));

        for (const ms of between) expect(ms).toBeGreaterThanOrEqual(rule.idle.updateAgeMs);
      }),
    );
  });

  it('is over at the exact instant at which nobody has used it for the idle timeout', () => {
    fc.assert(
      fc.property(rules, (rule) => {
        const { expiresAt } = opened(rule, rule.absoluteMs);
        expect(isExpired(expiresAt, NOON + rule.idle.timeoutMs - 1)).toBe(false);
        expect(isExpired(expiresAt, NOON + rule.idle.timeoutMs)).toBe(true);
      }),
    );
  });
});

describe('a session under a stricter rule than it was opened under', () => {
  const long = { createdAt: NOON, expiresAt: NOON + 86_400_000, absoluteExpiresAt: NOON + 864e5 };
  const strict = { absoluteMs: 3_600_000, idle: { timeoutMs: 60_000, updateAgeMs: 6_000 } };

  it('is drawn in by its next use', () => {
    expect(renewedLife(long, strict, NOON + 1_000)).toEqual({
      createdAt: NOON,
      expiresAt: NOON + 61_000,
      absoluteExpiresAt: NOON + 3_600_000,
    });
    expect(renewedLife(long, { ...strict, idle: null }, NOON)?.expiresAt).toBe(NOON + 3_600_000);
  });

  it('has ended where it is older than it may be', () => {
    expect(renewedLife(long, strict, NOON + 7_200_000)?.expiresAt).toBe(NOON + 3_600_000);
  });

  it('stays as it is under a looser one', () => {
    const loose = { absoluteMs: 864e5 * 30, idle: null };
    expect(renewedLife(long, loose, NOON)).toBeNull();
  });
});

describe('a use', () => {
  const rule = { absoluteMs: 3_600_000, idle: { timeoutMs: 60_000, updateAgeMs: 6_000 } };

  it('is due from the update age on, and not for a clock that lags behind the renewal', () => {
    const life = opened(rule, 3_600_000);
    expect(renewedLife(life, rule, NOON + 5_999)).toBeNull();
    expect(renewedLife(life, rule, NOON + 6_000)?.expiresAt).toBe(NOON + 66_000);
    expect(renewedLife(life, rule, NOON - LIMITS.FUTURE)).toBeNull();
    expect(renewedLife(life, rule, NOON - LIMITS.FUTURE - 1)?.expiresAt).toBe(
      NOON + 60_000 - LIMITS.FUTURE - 1,
    );
  });

  it('is never due without an idle timeout, which leaves ttl and extension as they were', () => {
    const fixed = { absoluteMs: 3_600_000, idle: null };
    expect(lifeOfNew(fixed, 9_000_000)).toEqual({ ttlMs: 9_000_000, absoluteMs: 3_600_000 });
    expect(extensionOf(fixed, 9_000_000)).toBe(9_000_000);
    expect(renewedLife(opened(fixed, 60_000), fixed, NOON + 59_999)).toBeNull();
  });
});
