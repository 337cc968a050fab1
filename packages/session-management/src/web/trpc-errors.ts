import { TRPCError } from '@trpc/server';
import { isSessionError, type SessionErrorCode } from '../types/errors.ts';

type TRPCCode = TRPCError['code'];

const TRPC_CODES: Partial<Record<SessionErrorCode, TRPCCode>> = {
  STORE_UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  MANAGER_CLOSED: 'SERVICE_UNAVAILABLE',
  IDENTITY_NOT_FRESH: 'FORBIDDEN',
  PROOF_OUTDATED: 'UNAUTHORIZED',
  IMPERSONATION_REFUSED: 'FORBIDDEN',
  EMAIL_TAKEN: 'CONFLICT',
  SESSION_LIMIT_REACHED: 'CONFLICT',
  LOGIN_THROTTLED: 'TOO_MANY_REQUESTS',
  USER_NOT_FOUND: 'NOT_FOUND',
  TTL_INVALID: 'BAD_REQUEST',
  TOO_MANY_USERS: 'PRECONDITION_FAILED',
};

/** The cause of an application's own refusal. Its code is part of the answer and must be stable. */
class Refusal extends Error {
  override readonly name = 'SessionRefusal';
  readonly code: string;
  /** As the check of an input says which of its fields it refuses. */
  readonly issues: { path: string[] }[];

  constructor(code: string, fields: readonly string[]) {
    super(code);
    this.code = code;
    this.issues = fields.map((field) => ({ path: [field] }));
  }
}

/**
 * An error whose answer carries `data.sessionCode`. No detail of it but the two codes reaches the
 * client, and with `BAD_REQUEST` the names of the input fields that it is about: `data.fields`.
 */
export function refusal(
  code: TRPCCode,
  sessionCode: string,
  fields: readonly string[] = [],
): TRPCError {
  return new TRPCError({ code, message: sessionCode, cause: new Refusal(sessionCode, fields) });
}

/** The answer to an error of this package that a procedure let through; `null` for any other error. */
export function toTRPCError(cause: unknown): TRPCError | null {
  if (!isSessionError(cause)) return null;
  const code = TRPC_CODES[cause.code] ?? 'INTERNAL_SERVER_ERROR';
  return new TRPCError({ code, message: cause.code, cause });
}

/**
 * The stable code of an answer: ours where the error is ours, else tRPC's own.
 *
 * Recognised by name, because a bundler may load this module twice. A driver's code never shows.
 */
export function sessionCodeOf(error: TRPCError): string {
  const { cause } = error;
  if (isSessionError(cause)) return cause.code;
  if (cause?.name === 'SessionRefusal' && 'code' in cause) return String(cause.code);
  return error.code;
}

/** Names of the input fields that were refused, in order; empty when the input was not the reason. */
export function refusedFields(error: TRPCError): string[] {
  const { cause } = error;
  if (error.code !== 'BAD_REQUEST' || !cause || !('issues' in cause)) return [];
  if (!Array.isArray(cause.issues)) return [];
  const names = cause.issues.map((issue: { path?: unknown[] }) => String(issue.path?.[0] ?? ''));
  return [...new Set(names)].filter((name) => name !== '');
}
