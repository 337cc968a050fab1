import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder of the built package under test; `FAULT_PACKAGE` names another build. */
export const PACKAGE =
  process.env['FAULT_PACKAGE'] ??
  fileURLToPath(new URL('../../../packages/session-management', import.meta.url));

/** The address of what a built package exports. */
export function doorOf(folder: string): string {
  return pathToFileURL(join(folder, 'dist/index.js')).href;
}
