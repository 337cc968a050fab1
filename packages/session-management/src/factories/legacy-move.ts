import { z } from 'zod';
import { PostgresInheritedSessions } from '../adapters/postgres-inherited-sessions.ts';
import { RedisPlainSessions } from '../adapters/redis-plain-sessions.ts';
import type { LegacyMove, RedisClient, SqlRunner } from '../types/index.ts';
import { wallClock } from '../utils/clock.ts';

const DAY = 86_400_000;

/** A move that never ends is no move: sessions of the document's design live 7 days. */
const FURTHEST = 400 * DAY;

const instant = z.union([
  z.iso.date().transform((day) => Date.parse(day) + DAY),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
]);

/** What `SESSION_LEGACY_UNTIL` takes: a day, to its end in UTC, or an instant. Milliseconds since the epoch. */
export const legacySchema = z
  .union([instant, z.strictObject({ until: instant }).transform(({ until }) => until)])
  .refine((until) => until <= wallClock.now() + FURTHEST);

/** The stores of the move from the document's design; `null` where none was asked for. */
export function legacyMove(
  until: number | null,
  client: RedisClient,
  sql: SqlRunner,
): LegacyMove | null {
  if (until === null) return null;
  return {
    until,
    plain: new RedisPlainSessions(client),
    records: new PostgresInheritedSessions(sql),
  };
}
