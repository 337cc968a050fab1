/** A clock that stands still until it is told to move. Milliseconds since the epoch. */
export interface ManualClock {
  now(): number;
  /** Lets `ms` pass at once. */
  advance(ms: number): void;
}

/** @param start - Milliseconds since the epoch; the first of January 2026 unless told. */
export function manualClock(start: number = Date.UTC(2026, 0, 1)): ManualClock {
  let time = start;
  return {
    now: () => time,
    advance: (ms) => {
      time += ms;
    },
  };
}
