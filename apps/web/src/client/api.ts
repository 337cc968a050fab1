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

const UNREACHABLE: Problem = {
  code: 'UNREACHABLE',
  message: 'The server cannot be reached. Please try again.',
  fields: [],
};

/** What a failed call says; one without an answer of ours says that nobody answered. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof TRPCClientError)) return UNREACHABLE;
  const answered: TRPCClientError<AppRouter> = error;
  const { data, message } = answered;
  return data ? { code: data.sessionCode, message, fields: data.fields } : UNREACHABLE;
}
