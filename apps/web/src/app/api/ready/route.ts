import { type HealthReport, UserManagerFactory } from '@repo/session-management';
import { NO_STORE } from '@repo/session-management/node';

export const dynamic = 'force-dynamic';

/** Readiness: whether a store can serve sessions. Names what is degraded; 503 when nothing answers. */
export async function GET(): Promise<Response> {
  const manager = await UserManagerFactory.createForContext();
  const { mode, propagation, stores } = await manager.health();
  const degraded = degradedParts(stores, propagation);
  const serves = stores.record.reachable || stores.copies.reachable;
  const status = !serves ? 'unavailable' : degraded.length > 0 ? 'degraded' : 'ready';
  const headers = new Headers({ 'Cache-Control': NO_STORE });
  if (!serves) headers.set('Retry-After', '1');
  return Response.json({ status, mode, degraded }, { status: serves ? 200 : 503, headers });
}

function degradedParts(
  { record, copies }: HealthReport['stores'],
  { trusted }: HealthReport['propagation'],
): string[] {
  const names: string[] = [];
  if (!record.reachable) names.push('record');
  if (!copies.reachable) names.push('copies');
  else if (!trusted) names.push('propagation');
  return names;
}
