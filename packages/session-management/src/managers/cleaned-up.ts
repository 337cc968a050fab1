import { LIMITS } from '../policy/limits.ts';
import type { CleanupOptions, CleanupReport, ManagerParts } from '../types/index.ts';
import { inBatches } from './in-batches.ts';
import { boundedAge, boundedWhole } from './shapes.ts';

/**
 * Deletes what ended long ago, and old lines of the audit where an age is told.
 *
 * @param closing - Aborted when the manager closes, which waits for a batch but not for a backlog.
 */
export async function cleanedUp(
  { audit, records }: Pick<ManagerParts, 'audit' | 'records'>,
  options: CleanupOptions,
  closing: AbortSignal,
): Promise<CleanupReport> {
  const batch = boundedWhole('batchSize', options.batchSize ?? 1_000, 10_000);
  const auditAge = boundedAge('auditOlderThan', options.auditOlderThan) ?? audit.keepMs;
  const { onProgress, signal } = options;
  const stop = signal === undefined ? closing : AbortSignal.any([closing, signal]);
  // First what ended many at once: whatever of it is old enough goes in the same run.
  await inBatches(batch, stop, (most) => records.markEnded(most));
  const ended = (most: number) => records.deleteEnded(most, LIMITS.KEEP_ENDED);
  const deleted = await inBatches(batch, stop, ended, onProgress);
  if (auditAge === null) return { deleted, auditDeleted: 0 };
  const old = (most: number) => audit.deleteOld(most, auditAge);
  return { deleted, auditDeleted: await inBatches(batch, stop, old) };
}
