/** What orders two copies of one thing: the record's version, then when the record last said so. */
export interface CopyRank {
  version: number;
  confirmedAt: number;
}

/** The `confirmedAt` of a tombstone with a version: no copy of that version is later. */
export const FINAL = Number.MAX_SAFE_INTEGER;

/**
 * Whether a copy may take the place of what is there: live over live, a higher version wins, at an
 * equal version the later or equal confirmation. Nothing takes the place of a session's tombstone.
 * A user's has a version, since the id may be made again, and gives way to a higher one. What has
 * no rank (no version, not JSON) gives way to anything.
 *
 * The Redis script says the same in Lua; a test runs both on the same histories.
 */
export function mayReplace(held: string | null, next: CopyRank): boolean {
  const there = held === null ? null : rankOf(held);
  if (there === null) return true;
  if (there === 'tombstone') return false;
  if (next.version !== there.version) return next.version > there.version;
  return next.confirmedAt >= there.confirmedAt;
}

/** What a stored text counts as; `null` for the lowest. */
export function rankOf(text: string): CopyRank | 'tombstone' | null {
  const value = parse(text);
  if (typeof value !== 'object' || value === null) return null;
  const { confirmed_at: confirmedAt, tombstone, version } = value as Record<string, unknown>;
  if (typeof version === 'number' && typeof confirmedAt === 'number') {
    return { version, confirmedAt };
  }
  return tombstone === true ? 'tombstone' : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
