import { normalizeEmail, UserRole } from '@repo/exchange-core';
import { z } from 'zod';

/** PostgreSQL stores no NUL; a lone surrogate would be hashed as another character. */
const STORABLE = /^[^\0\p{Surrogate}]*$/u;

const MOST_TYPED = 1_000;
const text = z.string().max(MOST_TYPED).regex(STORABLE);

/** Normal form first, then the check: what is looked up is what was stored. RFC 5321 allows 254 characters. */
const email = text.transform(normalizeEmail).pipe(z.email().max(254));

const newPassword = text.min(8).max(256);
const typedPassword = text.min(1).max(256);

/** Strict: a field that we do not take (`role`, `sessionId`) is refused, not dropped in silence. */
export const registration = z.strictObject({ email, password: newPassword });
export const credentials = z.strictObject({
  email,
  password: typedPassword,
  /** Counts where the realm's policy lets visitors choose. */
  remember: z.boolean().default(false),
});
export const passwordOnly = z.strictObject({ password: typedPassword });
export const passwordChange = z.strictObject({
  currentPassword: typedPassword,
  newPassword,
});
export const handleOnly = z.strictObject({ handle: z.guid() });
const userId = text.min(1).max(64);
export const userOnly = z.strictObject({ userId });
export const userSession = z.strictObject({ userId, handle: z.guid() });
export const userPage = z.strictObject({
  after: userId.optional(),
  limit: z.int().min(1).max(1_000).default(100),
});
export const roleChange = z.strictObject({ userId, role: z.enum(UserRole) });
export const deviceName = z.strictObject({ handle: z.guid(), label: text.max(64) });
