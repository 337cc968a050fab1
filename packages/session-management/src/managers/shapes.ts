import { sessionOf } from '../policy/session-view.ts';
import type { ListedSession, SessionListEntry } from '../types/index.ts';

export function entryOf(
  session: ListedSession,
  device: string,
  current: boolean,
): SessionListEntry {
  return { ...sessionOf(session), lastSeenAt: session.lastSeenAt, device, current };
}

/** @throws {RangeError} for anything but a whole number from 1 to `most`. */
export function boundedWhole(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`${name} must be a whole number from 1 to ${most}; got ${value}`);
}
