import type { SessionActor, SessionCopy, SessionData } from '../types/index.ts';
import { packId, packNumber, packSpan, unpackId, unpackNumber, unpackSpan } from './packed.ts';

/*
 * What a copy of a session says beside the document's five fields, in one short text of one form.
 *
 *     check version . confirmed . flags handle . user's version . absolute . authenticated . log-in [. actor . handle]
 *
 * Numbers to the base of 36; the last three instants as distances from `created_at`, the
 * authentication empty where it is none, the log-in where there was none.
 */

const FLAGS = { inGrace: 1, rotationDue: 2, actor: 4 } as const;

const WHOLE = '(0|[1-9a-z][0-9a-z]{0,10})';
const APART = '(0|-?[1-9a-z][0-9a-z]{0,10})';
const SPAN = '(~?-?[0-9a-z]{1,11})';
const ID = '(~?[\\w-]+)';
const PACKED = new RegExp(
  `^([\\w-]{7})${WHOLE}\\.${WHOLE}\\.([0-7])${ID}\\.${WHOLE}\\.${SPAN}\\.(?!0\\.)${APART}?\\.${APART}?(?:\\.${ID}\\.${ID})?$`,
);
export function packSession(session: SessionCopy): string {
  const { absoluteExpiresAt, actor, authenticatedAt, createdAt, lastLoginAt } = session;
  const flags =
    (session.inGrace ? FLAGS.inGrace : 0) +
    (session.rotationDue ? FLAGS.rotationDue : 0) +
    (actor ? FLAGS.actor : 0);
  const parts = [
    packNumber(session.version),
    packNumber(session.confirmedAt),
    flags + packId(session.handle),
    packNumber(session.userVersion),
    packSpan(absoluteExpiresAt - createdAt),
    authenticatedAt === createdAt ? '' : packNumber(authenticatedAt - createdAt),
    lastLoginAt === null ? '' : packNumber(lastLoginAt - createdAt),
  ];
  if (actor) parts.push(packId(actor.userId), packId(actor.handle));
  return parts.join('.');
}

/**
 * @param data - The five fields that it stands beside.
 * @param check - `null`: whosever it is.
 */
export function unpackSession(
  text: unknown,
  data: SessionData,
  of: Pick<SessionCopy, 'digest' | 'realm'>,
  check: string | null,
): SessionCopy | null {
  const parts = typeof text === 'string' ? PACKED.exec(text) : null;
  if (parts === null || (check !== null && parts[1] !== check)) return null;
  return copyOf(data, parts, of);
}

function copyOf(
  value: SessionData,
  parts: RegExpExecArray,
  { digest, realm }: Pick<SessionCopy, 'digest' | 'realm'>,
): SessionCopy | null {
  const createdAt = value.created_at;
  const flags = Number(parts[4]);
  const actor = actorOf(flags, parts[10], parts[11]);
  const handle = unpackId(parts[5] ?? '');
  const copy = {
    digest,
    handle: handle ?? '',
    userId: value.user_id,
    realm,
    createdAt,
    authenticatedAt: createdAt + unpackNumber(parts[8] ?? '0'),
    expiresAt: value.expires_at,
    absoluteExpiresAt: createdAt + unpackSpan(parts[7] ?? ''),
    ip: value.ip,
    userAgent: value.user_agent ?? null,
    actor: actor ?? null,
    version: unpackNumber(parts[2]),
    userVersion: unpackNumber(parts[6]),
    lastLoginAt: parts[9] === undefined ? null : createdAt + unpackNumber(parts[9]),
    confirmedAt: unpackNumber(parts[3]),
  };
  if (actor === undefined || handle === null || !isWhole(copy)) return null;
  return flagged(copy, flags);
}

function flagged(copy: SessionCopy, flags: number): SessionCopy {
  if (flags & FLAGS.inGrace) copy.inGrace = true;
  if (flags & FLAGS.rotationDue) copy.rotationDue = true;
  return copy;
}

/** Whether all that was computed can be. */
function isWhole(copy: SessionCopy): boolean {
  return (
    !Number.isNaN(copy.version + copy.userVersion) &&
    isInstant(copy.confirmedAt) &&
    isInstant(copy.authenticatedAt) &&
    isInstant(copy.absoluteExpiresAt) &&
    (copy.lastLoginAt === null || isInstant(copy.lastLoginAt))
  );
}

/** `undefined` for what is neither an actor nor none: nobody's actions may look like the user's own. */
function actorOf(
  flags: number,
  packedId: string | undefined,
  packedHandle: string | undefined,
): SessionActor | null | undefined {
  if (packedId === undefined || packedHandle === undefined) {
    return flags & FLAGS.actor ? undefined : null;
  }
  const [userId, handle] = [unpackId(packedId), unpackId(packedHandle)];
  if (!(flags & FLAGS.actor) || userId === null || handle === null) return undefined;
  return Object.freeze({ userId, handle });
}

/** Milliseconds that a `Date` can hold. */
export function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}
