import { afterEach, describe, expect, it } from 'vitest';
import { METRICS, type Measurement, type MetricSource } from '../../src/types/index.ts';
import { MetricRegistry } from '../../src/utils/metric-registry.ts';
import { type Collector, startCollector } from '../metrics.ts';

let collector: Collector | null = null;
afterEach(() => collector?.close());

function sourceOf(counters: readonly Measurement[], gauges: readonly Measurement[]): MetricSource {
  return { counters: () => counters, gauges: async () => gauges };
}

const created = (value: number): Measurement => ({ name: 'session.created', values: [], value });
const held = (value: number): Measurement => ({ name: 'session.near_copies', values: [], value });

describe('the metrics of a process', () => {
  it('are the sum over its managers, which a manager that closes does not lower', async () => {
    collector = startCollector();
    const registry = new MetricRegistry();
    registry.add(sourceOf([created(2)], [held(7)]));
    const forget = registry.add(sourceOf([created(3)], [held(9)]));
    expect(await collector.collect()).toEqual(
      new Map([
        ['session.created', 5],
        ['session.near_copies', 9],
      ]),
    );

    forget();
    forget();
    expect(await collector.collect()).toEqual(
      new Map([
        ['session.created', 5],
        ['session.near_copies', 7],
      ]),
    );
  });

  it('are whole where the SDK comes after the first manager', async () => {
    const registry = new MetricRegistry();
    registry.add(sourceOf([created(2)], []));
    registry.time('session.propagation.duration', 0.2);
    collector = startCollector();
    registry.add(sourceOf([created(1)], []));
    registry.time('session.propagation.duration', 0.2);
    expect(await collector.collect()).toEqual(
      new Map([
        ['session.created', 3],
        ['session.propagation.duration', 1],
      ]),
    );
  });

  it('cost and do nothing without an SDK', async () => {
    const registry = new MetricRegistry();
    registry.add(sourceOf([created(2)], []));
    registry.time('session.propagation.duration', 0.2);
    expect(await registry.read()).toEqual([created(2)]);
  });
});

describe('the table of metrics', () => {
  it.each(Object.entries(METRICS))('names %s as OpenTelemetry asks for', (name, metric) => {
    expect(name).toMatch(/^session\.[a-z_]+(\.[a-z_]+)*$/);
    expect(metric.unit).toMatch(/^(s|1|\{[a-z]+\})$/);
    expect(metric.description).toMatch(/^[A-Z].{20,}[^.]$/);
    for (const attribute of metric.attributes) expect(attribute).toMatch(/^session\.[a-z_]+$/);
  });
});
