/** Milliseconds that only move forward; no relation to any calendar. */
export interface MonotonicClock {
  now(): number;
}

/** Instants by PostgreSQL's clock, as far as this process knows it. */
export interface StoreClock {
  /** `null` until a store has told its time. */
  now(): number | null;
  /** The same for a reading of the process's steady clock, without reading that again. */
  at(monotonic: number): number | null;
  /** A store said `instant` in a reply to what was sent at `sentAt` (monotonic) and came just now. */
  observe(instant: number, sentAt: number): void;
}

/** One line per event, as data. Values never hold a sessionId, a password or an e-mail address. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Runs one statement. `name` lets a driver keep the plan: one name, one text, for ever. */
export interface SqlRunner {
  query<Row extends object>(name: string, text: string, values: readonly unknown[]): Promise<Row[]>;
}

/** The one method of a Redis client that we need; a client of `@redis/client` or `redis` has it. */
export interface RedisClient {
  sendCommand(args: string[]): Promise<unknown>;
}
