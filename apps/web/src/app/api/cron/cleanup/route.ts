import { hasCode, UserManagerFactory } from '@repo/session-management';
import { NO_STORE } from '@repo/session-management/node';
import { webEnvironment } from '../../../../env.ts';
import { emptyAnswer, refusedBearer } from '../../../../server/bearer-guard.ts';

export const dynamic = 'force-dynamic';

/** Longest run, in milliseconds: platforms end a request after a minute. What is left is the next run's. */
const LONGEST_RUN = 45_000;
/** When asking again is worth it, in seconds. */
const RETRY_AFTER = '60';

/** Deletes what ended long ago, for who carries `CRON_SECRET`. Without that variable there is no such page. */
export async function GET(request: Request): Promise<Response> {
  const refused = refusedBearer(request, webEnvironment().cronSecret);
  if (refused !== null) return refused;
  const manager = await UserManagerFactory.createForContext();
  try {
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(LONGEST_RUN)]);
    const { auditDeleted, deleted } = await manager.cleanup({ signal });
    return Response.json({ deleted, auditDeleted }, { headers: { 'Cache-Control': NO_STORE } });
  } catch (error) {
    if (!hasCode(error, 'STORE_UNAVAILABLE')) throw error;
    return emptyAnswer(503, { 'Retry-After': RETRY_AFTER });
  }
}
