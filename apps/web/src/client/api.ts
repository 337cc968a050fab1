import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';
import type { AppRouter } from '../server/trpc/routers/index.ts';

/** Not the streaming link: a log-in's cookie must leave before the body. */
export const api = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: '/api/trpc' })] });

/** Why a call was refused: a stable code, a text for the visitor, and the fields that it is about. */
export interface Problem {
  code: string;
  message: string;
  fields: readonly string[];
}

/**
 * What a failed call says.
 *
 * @param unreachable - Said where no answer of ours came.
 */
export function problemOf(error: unknown, unreachable: string): Problem {
  const silence = { code: 'UNREACHABLE', message: unreachable, fields: [] };
  if (!(error instanceof TRPCClientError)) return silence;
  const answered: TRPCClientError<AppRouter> = error;
  const { data, message } = answered;
  return data ? { code: data.sessionCode, message, fields: data.fields } : silence;
}
