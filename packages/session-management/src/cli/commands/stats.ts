import { Command } from 'commander';
import type { Operator } from '../../factories/operator.ts';
import type { HealthReport, StoreHealth } from '../../types/index.ts';
import { print, table } from '../output.ts';

interface Stats {
  /** `null` while PostgreSQL does not answer, as `realms`. */
  users: number | null;
  realms: Awaited<ReturnType<Operator['countSessions']>> | null;
  /** Changes that no process has carried to Redis yet. */
  waiting: number | null;
  stores: { postgres: Latency; redis: Latency };
}

type Latency = Pick<StoreHealth, 'reachable' | 'latencyMs'>;

/** `stats`: exit code 0 when both stores answer, 1 when one does not. */
export function statsCommand(): Command {
  return new Command('stats')
    .description(
      'Counts users and sessions in PostgreSQL, and asks both stores how they are. Walks no keys of ' +
        'Redis; reads the table of sessions once.',
    )
    .option('--json', 'print one JSON object instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json = false }: { json?: boolean }) => {
      const { withOperator } = await import('../../factories/operator.ts');
      const stats = await withOperator(collect);
      print(json, stats, () => describe(stats));
      if (!stats.stores.postgres.reachable || !stats.stores.redis.reachable) process.exitCode = 1;
    });
}

const EXAMPLES = `
Exit codes: 0 both stores answer, 1 one does not, 2 wrong usage.

Examples:
  session-management stats
  session-management stats --json | jq .waiting`;

async function collect({ countSessions, manager }: Operator): Promise<Stats> {
  const { propagation, stores }: HealthReport = await manager().health();
  const isUp = stores.record.reachable;
  return {
    users: isUp ? await manager().count() : null,
    realms: isUp ? await countSessions() : null,
    waiting: propagation.waiting,
    stores: { postgres: latencyOf(stores.record), redis: latencyOf(stores.copies) },
  };
}

function latencyOf({ latencyMs, reachable }: StoreHealth): Latency {
  return { reachable, latencyMs: latencyMs === null ? null : Math.round(latencyMs * 10) / 10 };
}

function describe({ realms, stores, users, waiting }: Stats): string {
  const rows = (realms ?? []).map(({ due, ended, live, realm }) => [
    `realm ${realm}`,
    `${live} live, ${ended} ended, ${due} of them due for cleanup`,
  ]);
  return table([
    ['users', said(users)],
    ...(realms === null ? [['sessions', UNKNOWN]] : rows),
    ...(realms?.length === 0 ? [['sessions', 'none']] : []),
    ['changes on their way', said(waiting)],
    ['PostgreSQL', healthOf(stores.postgres)],
    ['Redis', healthOf(stores.redis)],
  ]);
}

const UNKNOWN = 'unknown';

function said(count: number | null): string {
  return count === null ? UNKNOWN : String(count);
}

function healthOf({ latencyMs, reachable }: Latency): string {
  return reachable ? `answers in ${latencyMs} ms` : 'does not answer';
}
