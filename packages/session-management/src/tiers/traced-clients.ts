import type { RedisClient, SqlRunner, TripTracer } from '../types/index.ts';

/** A runner each of whose statements is a trip, known by its name alone. */
export function tracedSql(sql: SqlRunner, tracer: TripTracer): SqlRunner {
  return {
    query: <Row extends object>(name: string, text: string, values: readonly unknown[]) =>
      tracer.trace({ system: 'postgresql', operation: name }, () =>
        sql.query<Row>(name, text, values),
      ),
  };
}

/** A client each of whose commands is a trip, known by its first word alone. */
export function tracedRedis(client: RedisClient, tracer: TripTracer): RedisClient {
  return {
    sendCommand: (args) =>
      tracer.trace({ system: 'redis', operation: args[0] ?? 'command' }, () =>
        client.sendCommand(args),
      ),
  };
}
