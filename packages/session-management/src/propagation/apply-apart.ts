import { hasCode, type Logger, type OutboxRow } from '../types/index.ts';
import type { CarriedRow } from './apply-changes.ts';

type Apply = (rows: readonly OutboxRow[]) => Promise<CarriedRow[]>;

/**
 * Carries rows, of which one that cannot be carried fails only itself: halved until it is alone, told of, and left.
 *
 * @throws {SessionStoreUnavailableError} of the record: that says nothing of any row.
 */
export async function applyApart(
  apply: Apply,
  rows: readonly OutboxRow[],
  logger: Logger,
): Promise<CarriedRow[]> {
  try {
    return await apply(rows);
  } catch (error) {
    if (hasCode(error, 'STORE_UNAVAILABLE')) throw error;
    if (rows.length > 1) {
      const half = Math.ceil(rows.length / 2);
      const first = await applyApart(apply, rows.slice(0, half), logger);
      return [...first, ...(await applyApart(apply, rows.slice(half), logger))];
    }
    const name = error instanceof Error ? error.name : typeof error;
    logger.error('session.propagation_failed', { kind: rows[0]?.kind, error: name });
    return [];
  }
}
