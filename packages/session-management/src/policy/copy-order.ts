import type { SessionCopy } from '../types/index.ts';
import { LIMITS } from './limits.ts';
import { unpackNumber } from './packed.ts';

/*
 * What takes the place of what in the fast store. The scripts of Redis say the same in Lua; a test runs
 * both on the same histories. Both read no more of a text than they need, and compare numbers.
 */

/** What a script finds under a session's key: nothing of ours has no rank. */
export type SessionRank = { version: number; confirmedAt: number } | 'tombstone' | null;

const PACKED = /,"s":"(.{7})([0-9a-z]+)\.([0-9a-z]+)\.[\w.~-]*"\}$/;
const TOMB = /^\{"tombstone":"(.{7})"\}$/;

/** Confirmed so much later, a copy was read well after the other was written: no copy is written later than `FILL`. */
const SETTLED = LIMITS.SETTLED + LIMITS.FILL;

/** @param check - `null`: whosever it is. */
export function sessionRank(text: string | null, check: string | null): SessionRank {
  const isOurs = (found: string | undefined): boolean => check === null || found === check;
  const tomb = TOMB.exec(text ?? '');
  if (tomb !== null) return isOurs(tomb[1]) ? 'tombstone' : null;
  const parts = PACKED.exec(text ?? '');
  const [version, confirmedAt] = [unpackNumber(parts?.[2]), unpackNumber(parts?.[3])];
  const isRank = isOurs(parts?.[1]) && !Number.isNaN(version + confirmedAt);
  return isRank ? { version, confirmedAt } : null;
}

/**
 * Live over live, a higher version wins, at an equal version the later or equal confirmation. Whatever
 * the versions, what is there gives way to what was confirmed well after it was written (the record has
 * lost its version), and where it is dated in the future. Nothing takes the place of a tombstone.
 *
 * @param now - The store's instant.
 */
export function mayReplace(there: SessionRank, next: SessionCopy, now: number): boolean {
  if (there === null) return true;
  if (there === 'tombstone') return false;
  const later = next.confirmedAt - there.confirmedAt;
  if (later > SETTLED) return true;
  if (later < -SETTLED && there.confirmedAt > now + LIMITS.FUTURE) return true;
  return next.version === there.version ? later >= 0 : next.version > there.version;
}

/** What a script finds under a user's key. */
export interface UserRank {
  kind: 'copy' | 'marker' | 'tombstone';
  version: number;
  writtenAt: number;
}

const USER = /^([0-9a-z]+)\.([0-9a-z]+)(\.|!!?$)/;
const KINDS: Record<string, UserRank['kind']> = { '.': 'copy', '!': 'marker', '!!': 'tombstone' };

export function userRank(text: string | null): UserRank | null {
  const parts = USER.exec(text ?? '');
  const [version, writtenAt] = [unpackNumber(parts?.[1]), unpackNumber(parts?.[2])];
  const kind = KINDS[parts?.[3] ?? ''];
  return kind && !Number.isNaN(version + writtenAt) ? { kind, version, writtenAt } : null;
}

/**
 * What the record confirmed. At an equal version it ends a marker, and renews a copy past half of its
 * life; a lower one counts only well after the other was written.
 *
 * @param leftMs - What the key has left to live.
 */
export function mayFill(
  there: UserRank | null,
  next: { version: number; confirmedAt: number },
  leftMs: number,
  now: number,
): boolean {
  if (there === null || next.version > there.version) return true;
  if (there.kind === 'tombstone') return false;
  if (next.version === there.version)
    return there.kind === 'marker' || leftMs <= LIMITS.USER_KEY / 2;
  const later = next.confirmedAt - there.writtenAt;
  // The store's clock is looked at only where the dates are apart already: it may be behind by itself.
  if (later < -SETTLED && there.writtenAt > now + LIMITS.FUTURE) return true;
  return later > LIMITS.SETTLED;
}

/** A change rises; the mark of a deletion also ends the copy of its own version. */
export function mayRise(
  there: UserRank | null,
  { ends, version }: { ends: boolean; version: number },
): boolean {
  if (there === null || version > there.version) return true;
  return ends && version === there.version && there.kind !== 'tombstone';
}
