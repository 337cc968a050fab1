import type { CopySpan } from '../policy/copy-span.ts';
import { sessionOf, userOf } from '../policy/session-view.ts';
import type {
  HeldUser,
  KeyNames,
  KnownSession,
  LiveSession,
  PushFeed,
  SafeUser,
  Session,
  SessionUse,
} from '../types/index.ts';

/** The key of a user, in one version, as several near copies share it. */
export interface NearUser extends Pick<HeldUser, 'version' | 'writtenAt'> {
  readonly key: string;
  /** The names under which it was read: under others, nothing of before counts. */
  readonly names: KeyNames;
  readonly feed: PushFeed;
  current: boolean;
  copies: number;
}

/** Flat, and with nothing twice: of these there are many. */
export interface NearEntry extends KnownSession, CopySpan {
  readonly shown: Session;
  readonly user: SafeUser;
  readonly digest: string;
  /** Of the copy; `null` of one in its grace. */
  readonly version: number | null;
  readonly feed: PushFeed;
  readonly owner: NearUser;
  /** Monotonic, ms. */
  nextNoteAt: number;
}

export function entryOf(
  live: LiveSession,
  { ahead, from, until }: CopySpan,
  feed: PushFeed,
  owner: NearUser,
  userAgent: string | null,
): NearEntry {
  const { session } = live;
  const user = userOf(live);
  return {
    shown: sessionOf(session, { userAgent, userId: user.id }),
    user: Object.freeze(user),
    digest: session.digest,
    version: session.inGrace ? null : session.version,
    from,
    ahead,
    until,
    feed,
    owner,
    nextNoteAt: 0,
  };
}

/** Objects, numbers, digest, handle and the user's id, by measurement (`npm run bench`). */
const FIXED_BYTES = 900;

/** About what a near copy holds of the heap: one byte a character, as V8 keeps Latin-1. */
export function bytesOf({ shown, user }: NearEntry): number {
  return FIXED_BYTES + shown.ip.length + (shown.userAgent?.length ?? 0) + user.email.length;
}

export function usedBy({ shown, user, version }: NearEntry): SessionUse | null {
  if (version === null) return null;
  const { absoluteExpiresAt, createdAt, expiresAt, id: handle, realm } = shown;
  return { absoluteExpiresAt, createdAt, expiresAt, handle, realm, version, role: user.role };
}
