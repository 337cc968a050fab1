import type { EventsHealth, Measurement, MetricSource, NearCopiesHealth } from '../types/index.ts';
import type { Tally } from './tally.ts';

interface MeteredParts {
  tally: Tally;
  near: { health(): NearCopiesHealth };
  events: { health(): EventsHealth };
  /** How the stores stand; mock mode has none. */
  gauges?: MetricSource['gauges'];
}

/** What one manager counts, wherever it counts it. */
export function managerMetrics({ events, gauges, near, tally }: MeteredParts): MetricSource {
  return {
    counters: (): Measurement[] => {
      const { dropped, failed } = events.health();
      return [
        ...tally.counters(),
        { name: 'session.lookups', values: ['near', 'active'], value: near.health().hits },
        { name: 'session.events.lost', values: ['dropped'], value: dropped },
        { name: 'session.events.lost', values: ['failed'], value: failed },
      ];
    },
    gauges: gauges ?? (async () => []),
  };
}
