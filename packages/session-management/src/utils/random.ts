import { randomInt } from 'node:crypto';
import { v7 } from 'uuid';

/** A new handle: UUIDv7 (RFC 9562), so that handles sort by the time of the log-in. Not a secret. */
export function newHandle(): string {
  return v7();
}

/** A number from 0 to 1, to spread what would else happen at once. */
export function random(): number {
  return randomInt(1_000_000) / 1_000_000;
}
