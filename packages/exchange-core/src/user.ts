/** What a user may do. A constant object and the union of its values, so that both `UserRole.ADMIN` and `'ADMIN'` work. */
export const UserRole = Object.freeze({ USER: 'USER', ADMIN: 'ADMIN' } as const);
export type UserRole = (typeof UserRole)[keyof typeof UserRole];

/**
 * A user, with the columns of the table `"User"`.
 *
 * `hashedPassword` is present only where a log-in needs it (`findByEmail`, `findById`).
 * `sessionId` is written, never read back: no user that we return has it as an own property.
 */
export interface User {
  id: string;
  /** In normal form: see `normalizeEmail`. */
  email: string;
  hashedPassword?: string | null | undefined;
  isVerified: boolean;
  role: UserRole;
  createdAt: Date;
  lastLoginAt?: Date | null | undefined;
  sessionId?: string | null | undefined;
}

/** What a new user is made of; `id` and `createdAt` are the store's to give. */
export type CreateUserData = Omit<User, 'id' | 'createdAt'>;

/**
 * The one form in which an e-mail address is stored and looked up: trimmed, NFKC, lower case.
 *
 * The database applies the same rule to what is written by SQL, so that one address is one
 * account whatever the case in which it was typed.
 */
export function normalizeEmail(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}
