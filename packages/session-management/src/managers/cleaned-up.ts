import { LIMITS } from '../policy/limits.ts';
import type { CleanupOptions, CleanupReport, SessionRecords } from '../types/index.ts';
import { boundedWhole } from './shapes.ts';

/** Deletes what ended long ago, batch by batch, until one is not full. */
export async function cleanedUp(
  records: Pick<SessionRecords, 'deleteEnded'>,
  options: CleanupOptions,
): Promise<CleanupReport> {
  const batch = boundedWhole('batchSize', options.batchSize ?? 1_000, 10_000);
  let deleted = 0;
  for (let last = batch; last === batch; ) {
    last = await records.deleteEnded(batch, LIMITS.KEEP_ENDED);
    deleted += last;
    options.onProgress?.(deleted);
  }
  return { deleted };
}
