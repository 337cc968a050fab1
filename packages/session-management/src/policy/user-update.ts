import { normalizeEmail, UserRole } from '@repo/exchange-core';
import type { CreateUserData, User } from '../types/index.ts';
import { DIGEST_PREFIX, isPresentable } from './session-id.ts';

/** The columns that a write may set. An absent key is left alone; e-mail is in normal form. */
interface UserColumns {
  email?: string;
  hashedPassword?: string | null;
  isVerified?: boolean;
  role?: UserRole;
  createdAt?: Date;
  lastLoginAt?: Date | null;
}

/** What `update` was asked for. `id` is the row's name and never changes; unknown keys are left aside. */
export interface UserUpdatePlan {
  set: UserColumns;
  /** `sessionId` was given as `undefined` or `null`: end the session that the column names. */
  clearSessionId: boolean;
  /** A plain sessionId to turn into a session of realm `web`; never stored as it is. */
  inbox: string | null;
}

/** What `create` was asked for. The store gives `id` and `createdAt`. */
export interface NewUserPlan {
  set: Required<
    Pick<UserColumns, 'email' | 'hashedPassword' | 'isVerified' | 'role' | 'lastLoginAt'>
  >;
  inbox: string | null;
}

/**
 * What of an update is allowed. `undefined` leaves a column alone, except `sessionId`, which it
 * clears; `null` clears a nullable column.
 * @throws {TypeError} for `null` in any other column and for a value that the column does not take.
 */
export function planUserUpdate(data: Partial<User>): UserUpdatePlan {
  if (data.id !== undefined) text('id', data.id);
  const { sessionId = null } = data;
  return {
    set: columnsOf(data),
    clearSessionId: 'sessionId' in data && sessionId === null,
    inbox: inboxOf(sessionId),
  };
}

/**
 * What of a new user is allowed; a missing `role` or `isVerified` gets the column's default.
 * @throws {TypeError} as {@link planUserUpdate}, and without an e-mail address.
 */
export function planNewUser(data: CreateUserData): NewUserPlan {
  const { email, hashedPassword = null, isVerified, role, lastLoginAt = null } = columnsOf(data);
  if (email === undefined) throw new TypeError('email is required');
  return {
    set: {
      email,
      hashedPassword,
      isVerified: isVerified ?? false,
      role: role ?? UserRole.USER,
      lastLoginAt,
    },
    inbox: inboxOf(data.sessionId ?? null),
  };
}

function columnsOf(data: Partial<User>): UserColumns {
  const { email, hashedPassword, isVerified, role, createdAt, lastLoginAt } = data;
  const set: UserColumns = {};
  if (email !== undefined) set.email = address(email);
  if (hashedPassword !== undefined)
    set.hashedPassword = nullable(hashedPassword, text, 'hashedPassword');
  if (isVerified !== undefined) set.isVerified = flag('isVerified', isVerified);
  if (role !== undefined) set.role = roleOf(role);
  if (createdAt !== undefined) set.createdAt = instant('createdAt', createdAt);
  if (lastLoginAt !== undefined) set.lastLoginAt = nullable(lastLoginAt, instant, 'lastLoginAt');
  return set;
}

function inboxOf(sessionId: unknown): string | null {
  if (sessionId === null) return null;
  if (!isPresentable(sessionId)) {
    throw new TypeError('sessionId must be 1 to 255 characters that a cookie may carry');
  }
  if (sessionId.startsWith(DIGEST_PREFIX)) {
    throw new TypeError(`sessionId must not start with "${DIGEST_PREFIX}": that marks a digest`);
  }
  return sessionId;
}

/** PostgreSQL's text takes every character but NUL. */
function text(column: string, value: unknown): string {
  if (typeof value !== 'string' || value.includes('\0')) {
    throw new TypeError(`${column} must be a string without NUL`);
  }
  return value;
}

function address(value: unknown): string {
  const email = normalizeEmail(text('email', value));
  if (email === '') throw new TypeError('email must not be empty');
  return email;
}

function flag(column: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${column} must be a boolean`);
  return value;
}

function roleOf(value: unknown): UserRole {
  const role = Object.values(UserRole).find((known) => known === value);
  if (role === undefined)
    throw new TypeError(`role must be one of ${Object.values(UserRole).join(', ')}`);
  return role;
}

function instant(column: string, value: unknown): Date {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) {
    throw new TypeError(`${column} must be a valid Date`);
  }
  return new Date(value);
}

function nullable<T>(
  value: unknown,
  read: (column: string, value: unknown) => T,
  column: string,
): T | null {
  return value === null ? null : read(column, value);
}
