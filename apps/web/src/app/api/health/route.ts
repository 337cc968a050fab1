import { NO_STORE } from '@repo/session-management/node';

export const dynamic = 'force-dynamic';

/** Liveness: this process answers. Touches no store, so an outage does not restart healthy processes. */
export function GET(): Response {
  return Response.json({ status: 'ok' }, { headers: { 'Cache-Control': NO_STORE } });
}
