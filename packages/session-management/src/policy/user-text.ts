import { UserRole } from '@repo/exchange-core';
import type { HeldUser, UserCopy } from '../types/index.ts';
import { packNumber, unpackNumber } from './packed.ts';

/*
 * The text of fast copies of users. Strict, and never throws, as that of sessions.
 *
 *     version . written . created . whose . flags e-mail    a copy
 *     version . written !                                   the mark of a change: what is older stays out
 *     version . written !!                                  the mark of a deleted user
 *
 * Numbers to the base of 36. A script compares the first two.
 */

const VERIFIED = 1;
const ADMIN = 2;

const WHOLE = '(0|[1-9a-z][0-9a-z]{0,10})';
const COPY = new RegExp(
  `^${WHOLE}\\.${WHOLE}\\.(0|-?[1-9a-z][0-9a-z]{0,10})\\.${WHOLE}\\.([0-3])(.*)$`,
  's',
);

export function encodeUser({ user, version }: UserCopy, writtenAt: number): string {
  const numbers = [version, writtenAt, user.createdAt.getTime(), whose(user.id)];
  const flags = (user.isVerified ? VERIFIED : 0) + (user.role === UserRole.ADMIN ? ADMIN : 0);
  return `${numbers.map(packNumber).join('.')}.${flags}${user.email}`;
}

export function encodeUserMarker(version: number, writtenAt: number): string {
  return `${packNumber(version)}.${packNumber(writtenAt)}!`;
}

/** A user made again with the same id has a higher version. */
export function encodeUserTombstone(version: number, writtenAt: number): string {
  return `${encodeUserMarker(version, writtenAt)}!`;
}

/** `null` for both marks and whatever we would not have written under this key, another user's copy included. */
export function decodeUser(text: string, userId: string): HeldUser | null {
  const [, version, written, created, owner, flags, email = ''] = COPY.exec(text) ?? [];
  if (unpackNumber(owner) !== whose(userId)) return null;
  const createdAt = new Date(unpackNumber(created));
  const [number, writtenAt] = [unpackNumber(version), unpackNumber(written)];
  if (Number.isNaN(number + writtenAt + createdAt.getTime())) return null;
  const bits = Number(flags);
  const role = bits & ADMIN ? UserRole.ADMIN : UserRole.USER;
  const user = { id: userId, email, isVerified: (bits & VERIFIED) !== 0, role, createdAt };
  return { user, version: number, writtenAt };
}

/** 32 bits of whose copy it is (FNV-1a), so that a reply to another key is taken for nobody's. */
function whose(userId: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < userId.length; at += 1) {
    sum = Math.imul(sum ^ userId.charCodeAt(at), 0x01000193);
  }
  return sum >>> 0;
}
