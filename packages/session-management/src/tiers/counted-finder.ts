import { hasCode, type MetricSink, type SessionFinder } from '../types/index.ts';

/**
 * A finder whose every answer is counted by tier and outcome.
 *
 * @param recall - Handed through: near copies count their own answers, on the way of most requests.
 */
export function countedFinder(
  finder: Pick<SessionFinder, 'find'>,
  recall: SessionFinder['recall'],
  metrics: MetricSink,
): SessionFinder {
  return {
    recall,
    async find(digest, realm, confirm, sessionId) {
      try {
        const finding = await finder.find(digest, realm, confirm, sessionId);
        metrics.count('session.lookups', [finding.tier, finding.state]);
        return finding;
      } catch (error) {
        if (hasCode(error, 'STORE_UNAVAILABLE')) {
          metrics.count('session.lookups', ['none', 'unavailable']);
        }
        throw error;
      }
    },
  };
}
