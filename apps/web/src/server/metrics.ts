import { metrics } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

/** A bundler loads this module once for the start and once for the route: both mean one exporter. */
const EXPORTER = Symbol.for('@repo/web/metrics');

/** What is counted in this process from now on can be read. Before the first user manager is made. */
export function startMetrics(): void {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [exporter] }));
  Reflect.set(globalThis, EXPORTER, exporter);
}

/** All metrics of this process as Prometheus reads them; `null` where {@link startMetrics} was not called. */
export async function metricsText(): Promise<string | null> {
  const exporter: unknown = Reflect.get(globalThis, EXPORTER);
  if (!isExporter(exporter)) return null;
  const { resourceMetrics } = await exporter.collect();
  const plain = new PrometheusSerializer(undefined, false, undefined, true, true);
  return plain.serialize(resourceMetrics);
}

/** By what it can do: the class may be loaded twice. */
function isExporter(value: unknown): value is Pick<PrometheusExporter, 'collect'> {
  return typeof value === 'object' && value !== null && 'collect' in value;
}
