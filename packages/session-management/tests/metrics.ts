import { metrics } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';

/** Reads when it is told to. */
class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** What OpenTelemetry's SDK was told, as an application has it. */
export interface Collector {
  /** Each series by its name and the values of its attributes; of a histogram, how many durations. */
  collect(): Promise<Map<string, number>>;
  close(): Promise<void>;
}

/** Registers an SDK. Managers that are made from now on are seen by it. */
export function startCollector(): Collector {
  const reader = new Reader();
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  return {
    async collect() {
      const { errors, resourceMetrics } = await reader.collect();
      if (errors.length > 0) throw errors[0];
      const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      return new Map(
        all.flatMap(({ dataPoints, descriptor }) =>
          dataPoints.map(({ attributes, value }) => [
            [descriptor.name, ...Object.values(attributes)].join(' '),
            typeof value === 'number' ? value : value.count,
          ]),
        ),
      );
    },
    async close() {
      metrics.disable();
      await provider.shutdown();
    },
  };
}
