import { NO_STORE } from '@repo/session-management/node';
import { webEnvironment } from '../../../env.ts';
import { emptyAnswer, refusedBearer } from '../../../server/bearer-guard.ts';
import { metricsText } from '../../../server/metrics.ts';

export const dynamic = 'force-dynamic';

/** This process's metrics for Prometheus, to who carries `METRICS_TOKEN`. Without that variable there is no such page. */
export async function GET(request: Request): Promise<Response> {
  const refused = refusedBearer(request, webEnvironment().metricsToken);
  if (refused !== null) return refused;
  const text = await metricsText();
  if (text === null) return emptyAnswer(404);
  const type = 'text/plain; version=0.0.4; charset=utf-8';
  return new Response(text, { headers: { 'Cache-Control': NO_STORE, 'Content-Type': type } });
}
