import {
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
  type Observable,
} from '@opentelemetry/api';
import {
  METRICS,
  type Measurement,
  type MetricDefinition,
  type MetricName,
  type MetricRegistrar,
  type MetricSource,
} from '../types/index.ts';
import { processWide } from './shared.ts';

/** Seconds: from within a millisecond, as in health, to the poll and the outages of minutes. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 300];

/**
 * The metrics of all managers of this process, as OpenTelemetry reads them.
 *
 * Knows the API alone, which does nothing where the application registers no SDK. Counters of
 * several managers are one sum, which a manager that closes does not lower; of a gauge, the manager
 * made last tells.
 */
export class MetricRegistry implements MetricRegistrar {
  readonly #sources = new Set<MetricSource>();
  readonly #past = new Map<string, Measurement>();
  #provider: MeterProvider | null = null;
  #histograms = new Map<MetricName, Histogram>();

  add(source: MetricSource): () => void {
    this.#bind();
    this.#sources.add(source);
    return () => {
      if (this.#sources.delete(source)) sumUp(this.#past, source.counters());
    };
  }

  time(name: MetricName<'histogram'>, seconds: number): void {
    this.#histograms.get(name)?.record(seconds);
  }

  async read(): Promise<Measurement[]> {
    const sources = [...this.#sources];
    const sums = new Map(this.#past);
    for (const source of sources) sumUp(sums, source.counters());
    const gauges = new Map<string, Measurement>();
    for (const told of await Promise.all(sources.map((source) => source.gauges()))) {
      for (const gauge of told) gauges.set(keyOf(gauge), gauge);
    }
    return [...sums.values(), ...gauges.values()];
  }

  /** To the SDK that is registered now: one that comes after the first manager counts from the next one on. */
  #bind(): void {
    const provider = metrics.getMeterProvider();
    if (provider === this.#provider) return;
    this.#provider = provider;
    const meter = provider.getMeter('@repo/session-management');
    this.#histograms = histogramsOf(meter);
    const observed = observablesOf(meter);
    meter.addBatchObservableCallback(
      async (result) => {
        for (const { name, value, values } of await this.read()) {
          const instrument = observed.get(name);
          if (instrument !== undefined)
            result.observe(instrument, value, attributesOf(name, values));
        }
      },
      [...observed.values()],
    );
  }
}

/** The one registry of this process, however often a bundler loads this module. */
export function metricRegistry(): MetricRegistry {
  return processWide('metrics', () => new MetricRegistry());
}

function sumUp(sums: Map<string, Measurement>, counters: readonly Measurement[]): void {
  for (const counter of counters) {
    const key = keyOf(counter);
    const value = (sums.get(key)?.value ?? 0) + counter.value;
    sums.set(key, { ...counter, value });
  }
}

function keyOf({ name, values }: Measurement): string {
  return `${name} ${values.join(' ')}`;
}

function definitions(): [MetricName, MetricDefinition][] {
  const names = Object.keys(METRICS) as MetricName[];
  return names.map((name) => [name, METRICS[name]]);
}

function histogramsOf(meter: Meter): Map<MetricName, Histogram> {
  const histograms = definitions().filter(([, { kind }]) => kind === 'histogram');
  return new Map(
    histograms.map(([name, { description, unit }]) => {
      const advice = { explicitBucketBoundaries: BUCKETS };
      return [name, meter.createHistogram(name, { description, unit, advice })];
    }),
  );
}

function observablesOf(meter: Meter): Map<MetricName, Observable> {
  const observed = definitions().filter(([, { kind }]) => kind !== 'histogram');
  return new Map(
    observed.map(([name, { description, kind, unit }]) => [
      name,
      kind === 'counter'
        ? meter.createObservableCounter(name, { description, unit })
        : meter.createObservableGauge(name, { description, unit }),
    ]),
  );
}

function attributesOf(name: MetricName, values: readonly string[]): Record<string, string> {
  const { attributes } = METRICS[name];
  return Object.fromEntries(attributes.map((attribute, place) => [attribute, values[place] ?? '']));
}
