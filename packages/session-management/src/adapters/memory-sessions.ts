import { isExpired } from '../policy/expiry.ts';
import { LIMITS } from '../policy/limits.ts';
import type { EndReason, SessionActor, SessionCopy } from '../types/index.ts';

/** One session, with the columns of the record. */
export interface SessionRow
  extends Omit<
    SessionCopy,
    'confirmedAt' | 'inGrace' | 'lastLoginAt' | 'rotationDue' | 'userVersion'
  > {
  /** The user's counter when the session was opened, or was kept: below a floor, it has ended. */
  stamp: number;
  /** The user's version when the present id was handed out. */
  idVersion: number;
  lastSeenAt: number;
  label: string | null;
  revokedAt: number | null;
  revokedReason: EndReason | null;
  previousDigest: string | null;
  rotatedAt: number | null;
}

/** A row that was just opened, by its own user unless told. */
export const FRESH = {
  actor: null,
  label: null,
  revokedAt: null,
  revokedReason: null,
  previousDigest: null,
  rotatedAt: null,
} as const;

/** What a new row is given. */
export type NewSessionRow = Omit<SessionRow, 'version' | keyof typeof FRESH> &
  Partial<Pick<SessionRow, 'actor'>>;

/** The table of sessions of mock mode, by present and by previous digest. */
export class MemorySessions {
  readonly #present = new Map<string, SessionRow>();
  readonly #previous = new Map<string, SessionRow>();

  get(digest: string): SessionRow | undefined {
    return this.#present.get(digest);
  }

  getPrevious(digest: string): SessionRow | undefined {
    return this.#previous.get(digest);
  }

  all(): SessionRow[] {
    return [...this.#present.values()];
  }

  /** Up to `limit` rows that ended before an instant. */
  endedBefore(instant: number, limit: number): SessionRow[] {
    const endOf = ({ expiresAt, revokedAt }: SessionRow) =>
      Math.min(expiresAt, revokedAt ?? Number.POSITIVE_INFINITY);
    return this.all()
      .filter((row) => endOf(row) < instant)
      .slice(0, limit);
  }

  add(row: SessionRow): void {
    this.#present.set(row.digest, row);
  }

  delete(row: SessionRow): void {
    this.#present.delete(row.digest);
    if (row.previousDigest !== null) this.#previous.delete(row.previousDigest);
  }

  /** What was opened by sessions of these actors and has not been ended. */
  acted(chosen: (actor: SessionActor) => boolean): SessionRow[] {
    return this.all().filter(
      ({ actor, revokedAt }) => actor !== null && revokedAt === null && chosen(actor),
    );
  }

  /** Gives a row its next digest; the present one becomes the previous, and the one before, which it answers, names nothing. */
  rotate(row: SessionRow, next: string, now: number, idVersion: number): string[] {
    const { previousDigest } = row;
    this.delete(row);
    row.previousDigest = row.digest;
    row.digest = next;
    row.rotatedAt = now;
    row.idVersion = idVersion;
    this.#present.set(row.digest, row);
    this.#previous.set(row.previousDigest, row);
    return previousDigest === null ? [] : [previousDigest];
  }
}

/** What a row is worth by its previous digest until its grace is over; `null` from then on. */
export function inGrace(row: SessionRow, now: number): SessionRow | null {
  if (row.previousDigest === null || row.rotatedAt === null) return null;
  const end = row.rotatedAt + LIMITS.ROTATION_GRACE;
  if (isExpired(end, now)) return null;
  const expiresAt = Math.min(row.expiresAt, end);
  return { ...row, digest: row.previousDigest, expiresAt };
}

/** Every digest that a row is known by. */
export function digestsOf({ digest, previousDigest }: SessionRow): string[] {
  return previousDigest === null ? [digest] : [digest, previousDigest];
}
