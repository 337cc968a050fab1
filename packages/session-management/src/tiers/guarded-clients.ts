import type { RedisClient, SqlRunner } from '../types/index.ts';
import type { StoreGuard } from './store-guard.ts';

/** A runner of statements whose every statement passes a guard. */
export function guardedSql(sql: SqlRunner, guard: StoreGuard): SqlRunner {
  return {
    query: <Row extends object>(name: string, text: string, values: readonly unknown[]) =>
      guard.run(name, () => sql.query<Row>(name, text, values)),
  };
}

/** Names the master that a command goes to. */
type LaneOf = (args: readonly string[]) => string;

/** More masters than a cluster has; beyond, what is known of the oldest is forgotten. */
const MOST_LANES = 1_000;

/**
 * A Redis client whose every command passes the guard of the master that it goes to: one master
 * of a cluster that is down costs the others nothing.
 */
export class GuardedRedis implements RedisClient {
  readonly #client: RedisClient;
  readonly #laneOf: LaneOf;
  readonly #newGuard: (lane: string) => StoreGuard;
  readonly #guards = new Map<string, StoreGuard>();

  constructor(client: RedisClient, laneOf: LaneOf, newGuard: (lane: string) => StoreGuard) {
    this.#client = client;
    this.#laneOf = laneOf;
    this.#newGuard = newGuard;
  }

  sendCommand(args: string[]): Promise<unknown> {
    const guard = this.#guardOf(this.#laneOf(args));
    return guard.run(args[0] ?? 'command', () => this.#client.sendCommand(args));
  }

  /** Since when some master has been down, ms since the epoch; `null` while all work. */
  get degradedSince(): number | null {
    const instants = [...this.#guards.values()].flatMap(({ degradedSince }) => degradedSince ?? []);
    return instants.length === 0 ? null : Math.min(...instants);
  }

  close(): void {
    for (const guard of this.#guards.values()) guard.close();
  }

  #guardOf(lane: string): StoreGuard {
    const known = this.#guards.get(lane);
    if (known !== undefined) return known;
    const [oldest] = this.#guards;
    if (oldest !== undefined && this.#guards.size >= MOST_LANES) {
      oldest[1].close();
      this.#guards.delete(oldest[0]);
    }
    const guard = this.#newGuard(lane);
    this.#guards.set(lane, guard);
    return guard;
  }
}
