import { StoreProbe } from '../tiers/store-health.ts';
import type {
  EventsHealth,
  HealthReport,
  MonotonicClock,
  NearCopiesHealth,
  Outbox,
  SessionCopies,
  SessionRecords,
  StoreHealth,
} from '../types/index.ts';

interface HealthParts {
  records: Pick<SessionRecords, 'ping'>;
  copies: Pick<SessionCopies, 'now'>;
  guards: Record<'postgres' | 'redis', { degradedSince: number | null }>;
  outbox: Pick<Outbox, 'depth'>;
  near: { health(): NearCopiesHealth };
  events: { health(): EventsHealth };
  carrier(): string | null;
  isTrusted(): Promise<boolean>;
  monotonic: MonotonicClock;
  wall: { now(): number };
}

/** Asks both stores now; says since when one is down, and what waits to be carried to the fast store. */
export function storesHealth(parts: HealthParts): () => Promise<HealthReport> {
  const { guards, monotonic, wall } = parts;
  const record = new StoreProbe('postgres', () => parts.records.ping(), monotonic, wall);
  const copies = new StoreProbe('redis', () => parts.copies.now(), monotonic, wall);

  return async () => {
    const [recordHealth, copiesHealth, waiting] = await Promise.all([
      record.check(),
      copies.check(),
      parts.outbox.depth().catch(() => null),
    ]);
    return {
      mode: 'stores',
      stores: {
        record: since(recordHealth, guards.postgres.degradedSince),
        copies: since(copiesHealth, guards.redis.degradedSince),
      },
      nearCopies: parts.near.health(),
      events: parts.events.health(),
      propagation: { waiting, carrier: parts.carrier(), trusted: await parts.isTrusted() },
    };
  };
}

/** The guard has usually seen the store fail before anybody asked. */
function since(health: StoreHealth, guardSince: number | null): StoreHealth {
  return health.reachable
    ? health
    : { ...health, degradedSince: guardSince ?? health.degradedSince };
}
