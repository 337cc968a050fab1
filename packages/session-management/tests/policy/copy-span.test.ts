import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CopySpan, spanOf } from '../../src/policy/copy-span.ts';
import { LIMITS } from '../../src/policy/limits.ts';
import type { LiveSession } from '../../src/types/index.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const { F, FUTURE } = LIMITS;

function live(session: number, user: number, expiresAt = NOON + 86_400_000): LiveSession {
  return {
    session: {
      digest: 'digest',
      handle: 'handle',
      userId: 'user',
      realm: 'web',
      createdAt: NOON,
      authenticatedAt: NOON,
      expiresAt,
      absoluteExpiresAt: expiresAt,
      ip: '203.0.113.7',
      userAgent: null,
      actor: null,
      userVersion: 1,
      version: 1,
      confirmedAt: session,
    },
    user: {
      user: {
        id: 'user',
        email: 'user@example.com',
        isVerified: true,
        role: 'USER',
        createdAt: new Date(NOON),
        lastLoginAt: null,
      },
      version: 1,
      confirmedAt: user,
    },
  };
}

describe('how long a copy may be answered without asking', () => {
  it('ends F after the older of its two confirmations', () => {
    expect(spanOf(live(NOON, NOON + 5_000), F, 0).until).toBe(NOON + F);
    expect(spanOf(live(NOON + 5_000, NOON), F, 0).until).toBe(NOON + F);
  });

  it('ends with the session, at its exact instant', () => {
    expect(spanOf(live(NOON, NOON, NOON + 10), F, 0).until).toBe(NOON + 10);
  });

  it('begins a second before the later confirmation: a copy from further ahead is unconfirmed', () => {
    expect(spanOf(live(NOON, NOON + 5_000), F, 0).from).toBe(NOON + 5_000 - FUTURE);
  });

  it('has room for confirming ahead after two thirds of F, always before F', () => {
    const luck = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(luck, fc.integer({ min: 100, max: F }), (number, limit) => {
        const { ahead, until } = spanOf(live(NOON, NOON), limit, number);
        expect(ahead).toBeGreaterThanOrEqual(NOON + (limit * 2) / 3);
        expect(ahead).toBeLessThan(until);
      }),
    );
  });

  it('spreads the confirmations of 10,000 log-ins of one moment over seconds', () => {
    const moments = Array.from(
      { length: 10_000 },
      (_, n): CopySpan => spanOf(live(NOON, NOON), F, n / 10_000),
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
