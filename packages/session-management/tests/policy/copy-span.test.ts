import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CopySpan, spanOf } from '../../src/policy/copy-span.ts';
import { LIMITS } from '../../src/policy/limits.ts';
import { sessionCopy } from '../../src/testing/samples.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const { F, FUTURE } = LIMITS;

const copy = (confirmedAt: number, expiresAt = NOON + 86_400_000) =>
  sessionCopy(NOON, { confirmedAt, expiresAt });

describe('how long a copy may be answered without asking', () => {
  it('ends F after its confirmation', () => {
    expect(spanOf(copy(NOON), F, 0).until).toBe(NOON + F);
  });

  it('ends with the session, at its exact instant', () => {
    expect(spanOf(copy(NOON, NOON + 10), F, 0).until).toBe(NOON + 10);
  });

  it('begins a second before its confirmation: a copy from further ahead is unconfirmed', () => {
    expect(spanOf(copy(NOON), F, 0).from).toBe(NOON - FUTURE);
  });

  it('has room for confirming ahead after two thirds of F, always before F', () => {
    const luck = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(luck, fc.integer({ min: 100, max: F }), (number, limit) => {
        const { ahead, until } = spanOf(copy(NOON), limit, number);
        expect(ahead).toBeGreaterThanOrEqual(NOON + (limit * 2) / 3);
        expect(ahead).toBeLessThan(until);
      }),
    );
  });

  it('spreads the confirmations of 10,000 log-ins of one moment over seconds', () => {
    const moments = Array.from(
      { length: 10_000 },
      (_, n): CopySpan => spanOf(copy(NOON), F, n / 10_000),
    );
    const seconds = new Map<number, number>();
    for (const { ahead } of moments) {
      const second = Math.floor(ahead / 1_000);
      seconds.set(second, (seconds.get(second) ?? 0) + 1);
    }
    expect(seconds.size).toBeGreaterThanOrEqual(9);
    expect(Math.max(...seconds.values())).toBeLessThan(1_200);
  });
});
