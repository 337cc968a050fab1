import { TtlInvalidError } from '../types/index.ts';

/** Longest lifetime that fits a PostgreSQL interval and a Redis TTL without surprise: 100 years, in seconds. */
const MAX_TTL_SECONDS = 3_155_760_000;

/**
 * The one place where seconds become milliseconds.
 * @throws {TtlInvalidError} for anything but a whole number from 1 to 100 years.
 */
export function ttlToMs(ttl: unknown): number {
  if (typeof ttl !== 'number' || !Number.isSafeInteger(ttl) || ttl < 1 || ttl > MAX_TTL_SECONDS) {
    throw new TtlInvalidError(ttl);
  }
  return ttl * 1_000;
}

/** The exact instant counts as expired. */
export function isExpired(expiresAt: number, now: number): boolean {
  return now >= expiresAt;
}
