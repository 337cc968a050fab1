import type { RedisClient, SqlRunner } from '../types/index.ts';
import type { StoreGuard } from './store-guard.ts';

/** A Redis client whose every command passes a guard. */
export function guardedRedis(client: RedisClient, guard: StoreGuard): RedisClient {
  return {
    sendCommand: (args) => guard.run(args[0] ?? 'command', () => client.sendCommand(args)),
  };
}

/** A runner of statements whose every statement passes a guard. */
export function guardedSql(sql: SqlRunner, guard: StoreGuard): SqlRunner {
  return {
    query: <Row extends object>(name: string, text: string, values: readonly unknown[]) =>
      guard.run(name, () => sql.query<Row>(name, text, values)),
  };
}
