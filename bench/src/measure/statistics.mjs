/** The value below which this share of the sorted values lies (nearest rank). */
export function quantile(sorted, share) {
  if (sorted.length === 0) return Number.NaN;
  const rank = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.min(sorted.length - 1, Math.max(0, rank))];
}

/** Median and quartiles of some rounds. */
export function spreadOf(values) {
  const sorted = [...values].filter(Number.isFinite).sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  return { median, q1: quantile(sorted, 0.25), q3: quantile(sorted, 0.75), count: sorted.length };
}

/** p50, p99 and the largest of many waits. */
export function waitsOf(samples) {
  const sorted = Float64Array.from(samples).sort();
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: sorted.at(-1) };
}

/** Round by round, one rate over the other. */
export function ratiosOf(above, below) {
  return above.map((rate, round) => rate / below[round]);
}
