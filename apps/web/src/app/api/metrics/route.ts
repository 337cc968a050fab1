import { NO_STORE } from '@repo/session-management/node';
import { webEnvironment } from '../../../env.ts';
import { carriesToken, metricsText } from '../../../server/metrics.ts';

export const dynamic = 'force-dynamic';

/** This process's metrics for Prometheus, to who carries `METRICS_TOKEN`. Without that variable there is no such page. */
export async function GET(request: Request): Promise<Response> {
  const { metricsToken } = webEnvironment();
  if (metricsToken === undefined) return refused(404);
  if (!carriesToken(request.headers.get('authorization'), metricsToken)) {
    return refused(401, { 'WWW-Authenticate': 'Bearer' });
  }
  const text = await metricsText();
  if (text === null) return refused(404);
  const type = 'text/plain; version=0.0.4; charset=utf-8';
  return new Response(text, { headers: { 'Cache-Control': NO_STORE, 'Content-Type': type } });
}

function refused(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { 'Cache-Control': NO_STORE, ...headers } });
}
