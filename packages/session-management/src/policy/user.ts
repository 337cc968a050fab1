import type { SafeUser, User, UserCopy } from '../types/index.ts';

/** The columns that an application may show, and no other property. Dates are the caller's own. */
export function safeUser(user: User): SafeUser {
  return {
    ...keptUser(user),
    lastLoginAt: user.lastLoginAt ? new Date(user.lastLoginAt) : null,
  };
}

/** Those that a copy of the user keeps. */
export function keptUser({ createdAt, email, id, isVerified, role }: User): UserCopy['user'] {
  return { id, email, isVerified, role, createdAt: new Date(createdAt) };
}

/** What `create`, `update` and lists give: a `User` that has no own property `hashedPassword` or `sessionId`. */
export function withoutSecrets(user: User): User {
  return safeUser(user);
}

/** What `findByEmail` and `findById` give: with the hash, for the log-in to compare, and without `sessionId`. */
export function withHash(user: User): User {
  return { ...safeUser(user), hashedPassword: user.hashedPassword ?? null };
}

export function hashOf(user: User): string | null {
  return user.hashedPassword ?? null;
}

/** `lastLoginAt` makes no copy wrong, so it raises no version. */
export function sameInCopies(one: User, other: User): boolean {
  return (
    one.email === other.email && one.role === other.role && one.isVerified === other.isVerified
  );
}
