import { afterEach, describe, expect, it, vi } from 'vitest';
import { readSettings } from '../../src/factories/settings.ts';

const DAY = 86_400_000;
const day = (ahead: number): string =>
  new Date(Date.now() + ahead * DAY).toISOString().slice(0, 10);

afterEach(() => vi.unstubAllEnvs());

describe('the end of the move from the old design', () => {
  it('is not there unless it is told', () => {
    expect(readSettings({}).legacyUntil).toBeNull();
  });

  it('is the end of the day, in UTC, or the very instant', () => {
    const until = day(30);
    expect(readSettings({ legacySessions: { until } }).legacyUntil).toBe(Date.parse(until) + DAY);
    vi.stubEnv('SESSION_LEGACY_UNTIL', `${until}T18:00:00+02:00`);
    expect(readSettings({}).legacyUntil).toBe(Date.parse(`${until}T16:00:00Z`));
  });

  it('may have passed: a process that starts after it starts', () => {
    vi.stubEnv('SESSION_LEGACY_UNTIL', '2020-01-01');
    expect(readSettings({}).legacyUntil).toBeLessThan(Date.now());
  });

  it.each(['soon', '2026-02-31', '31.12.2026', '1767225600000', day(402)])(
    'refuses %s by name',
    (value) => {
      vi.stubEnv('SESSION_LEGACY_UNTIL', value);
      expect(() => readSettings({})).toThrow(
        `SESSION_LEGACY_UNTIL takes a day such as 2026-12-31, or an instant such as 2026-12-31T18:00:00Z, at most 400 days ahead; it got "${value}"`,
      );
    },
  );
});
