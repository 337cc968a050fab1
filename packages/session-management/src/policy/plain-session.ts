import type { SessionData } from '../types/index.ts';
import { DEFAULT_REALM } from './limits.ts';
import { decodeEntry } from './session-record.ts';

/**
 * The five fields that the document's design writes; `null` for anything else. A copy of ours and
 * its tombstone are none, so that nobody who presents a digest signs in by what its key holds.
 */
export function decodePlain(text: string): SessionData | null {
  const entry = decodeEntry(text, '', DEFAULT_REALM, null);
  if (entry?.kind !== 'plain') return null;
  const { created_at, expires_at } = entry.data;
  return created_at >= 0 && expires_at >= 0 ? entry.data : null;
}
