import { v7 } from 'uuid';

/** A new handle: UUIDv7 (RFC 9562), so that handles sort by the time of the log-in. Not a secret. */
export function newHandle(): string {
  return v7();
}
