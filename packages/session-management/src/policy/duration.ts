const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 };

/** Milliseconds of a whole number of seconds, or of such as `"30m"` (ms, s, m, h, d); `null` for anything else. */
export function durationToMs(value: number | string): number | null {
  const match = /^(\d{1,9})(ms|[smhd]?)$/.exec(String(value));
  const unit = UNITS[match?.[2] || 's'];
  if (!match || unit === undefined) return null;
  const ms = Math.round(Number(match[1]) * unit * 1_000);
  return ms > 0 ? ms : null;
}

/** The same in words, by the largest unit that holds it whole: `12h`, `90s`, `1500ms`. */
export function msToDuration(ms: number): string {
  const seconds = ms / 1_000;
  const unit = ['d', 'h', 'm', 's'].find((each) => seconds % (UNITS[each] ?? 1) === 0) ?? 'ms';
  return `${Math.round(seconds / (UNITS[unit] ?? 1))}${unit}`;
}
