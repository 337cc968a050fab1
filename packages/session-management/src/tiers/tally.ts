import type { Measurement, MetricName, MetricSink } from '../types/index.ts';

/** Whole numbers in memory that only rise: counting costs no more, whether anybody looks or not. */
export class Tally implements MetricSink {
  readonly #time: MetricSink['time'];
  readonly #series = new Map<
    string,
    { name: MetricName<'counter'>; values: readonly string[]; value: number }
  >();

  /** @param time - Where durations go; nowhere unless told. */
  constructor(time: MetricSink['time'] = () => undefined) {
    this.#time = time;
  }

  /** Bounded, since the values are words of this package: there are a few dozen series. */
  count(name: MetricName<'counter'>, values: readonly string[], by = 1): void {
    const key = `${name} ${values.join(' ')}`;
    const series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, { name, values, value: by });
    else series.value += by;
  }

  time(name: MetricName<'histogram'>, seconds: number): void {
    this.#time(name, seconds);
  }

  counters(): Measurement[] {
    return [...this.#series.values()].map((series) => ({ ...series }));
  }
}
