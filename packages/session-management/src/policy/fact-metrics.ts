import type { MetricSink, SessionFact } from '../types/index.ts';

/** Counts what a fact tells of, so that events and metrics never differ. */
export function countFact(metrics: MetricSink, fact: SessionFact): void {
  switch (fact.kind) {
    case 'created':
    case 'extended':
    case 'rotated':
    case 'reuse':
    case 'expired':
      metrics.count(`session.${fact.kind}`, []);
      break;
    case 'revoked':
      metrics.count('session.revoked', [fact.reason]);
      break;
    case 'all-revoked':
      metrics.count('session.revoked', [fact.reason], fact.count);
      break;
    case 'store-degraded':
      metrics.count('session.store.outages', [fact.store]);
      break;
    default:
  }
}
