import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/policy/limits.ts';
import { type CopyReading, nextStep, standingOf } from '../../src/policy/read-order.ts';
import { sessionCopy, userCopy } from '../../src/testing/samples.ts';

const NOW = Date.UTC(2026, 0, 1);
const { F, G, FUTURE } = LIMITS;

const held = { ...userCopy(NOW), writtenAt: NOW };

const hit = ({ expiresAt = NOW + 1_000_000, session = NOW } = {}): CopyReading => ({
  state: 'hit',
  live: { session: sessionCopy(NOW, { expiresAt, confirmedAt: session }), user: held },
  held,
});

describe('the read order of section 6', () => {
  it.each<[string, CopyReading, string, string]>([
    ['a hit confirmed just now', hit(), 'active', 'active'],
    ['a hit confirmed F ago', hit({ session: NOW - F }), 'active', 'active'],
    ['a hit a moment older than F', hit({ session: NOW - F - 1 }), 'ask', 'active'],
    ['a hit confirmed F + G ago', hit({ session: NOW - F - G }), 'ask', 'active'],
    ['a hit older than F + G', hit({ session: NOW - F - G - 1 }), 'ask', 'unavailable'],
    ['a hit at the exact instant of its expiry', hit({ expiresAt: NOW }), 'ask', 'unavailable'],
    ['a hit a moment before its expiry', hit({ expiresAt: NOW + 1 }), 'active', 'active'],
    ['a hit from the near future', hit({ session: NOW + FUTURE }), 'active', 'active'],
    ['a hit from further ahead', hit({ session: NOW + FUTURE + 1 }), 'ask', 'unavailable'],
    ['a tombstone', { state: 'tombstone' }, 'revoked', 'revoked'],
    ['a miss', { state: 'miss' }, 'ask', 'unavailable'],
    ['an error', { state: 'error' }, 'ask', 'unavailable'],
    ['a copy that was not asked', { state: 'skipped' }, 'ask', 'unavailable'],
  ])('decides what to do with %s', (_what, reading, up, down) => {
    const standing = standingOf(reading, NOW);
    expect([nextStep(standing, 'up'), nextStep(standing, 'down')]).toEqual([up, down]);
  });

  it('believes no hit while the time of the record is not known', () => {
    expect(standingOf(hit(), null)).toBe('untrusted');
  });

  it('never lets a copy be active past F + G since its confirmation, or past its expiry', () => {
    const instant = fc.integer({ min: NOW - 2 * (F + G), max: NOW + 10_000 });
    fc.assert(
      fc.property(instant, instant, (session, expiresAt) => {
        const standing = standingOf(hit({ session, expiresAt }), NOW);
        if (nextStep(standing, 'down') !== 'active') return;
        expect(NOW - session).toBeLessThanOrEqual(F + G);
        expect(expiresAt).toBeGreaterThan(NOW);
      }),
    );
  });
});
