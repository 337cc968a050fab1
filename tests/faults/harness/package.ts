import { fileURLToPath } from 'node:url';

/** The folder of the built package under test; `FAULT_PACKAGE` names another build. */
export const PACKAGE =
  process.env['FAULT_PACKAGE'] ??
  fileURLToPath(new URL('../../../packages/session-management', import.meta.url));
