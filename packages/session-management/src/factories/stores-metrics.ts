import type { Measurement, MetricSource, NearCopiesHealth, Outbox } from '../types/index.ts';

interface StoreParts {
  near: { health(): NearCopiesHealth };
  guards: Record<'postgres' | 'redis', { degradedSince: number | null }>;
  outbox: Pick<Outbox, 'depth'>;
}

/** How the stores stand now; asks PostgreSQL one small thing, and says nothing of that where it is down. */
export function storesGauges({ guards, near, outbox }: StoreParts): MetricSource['gauges'] {
  const degraded = (store: keyof typeof guards): Measurement => ({
    name: 'session.store.degraded',
    values: [store],
    value: guards[store].degradedSince === null ? 0 : 1,
  });

  return async () => {
    const waiting = await outbox.depth().catch(() => null);
    const depth: Measurement[] =
      waiting === null ? [] : [{ name: 'session.outbox.depth', values: [], value: waiting }];
    return [
      { name: 'session.near_copies', values: [], value: near.health().entries },
      degraded('postgres'),
      degraded('redis'),
      ...depth,
    ];
  };
}
