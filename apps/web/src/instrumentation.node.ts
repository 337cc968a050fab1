import { isSessionError, UserManagerFactory } from '@repo/session-management';
import { consoleLogger } from '@repo/session-management/node';
import { webEnvironment } from './env.ts';
import { startMetrics } from './server/metrics.ts';
import { openDoor } from './server/password-door.ts';

/**
 * Checks the whole configuration before the first visitor comes.
 *
 * What is missing or wrong ends the process with one line that names it. Stores that do not answer
 * do not: the application starts, answers 503 and heals.
 */
export async function start(): Promise<void> {
  try {
    const { production, publicUrl, cookie, metricsToken } = webEnvironment();
    if (metricsToken !== undefined) startMetrics();
    openDoor();
    const manager = await UserManagerFactory.create();
    const { mode } = await manager.health();
    consoleLogger.info('Sessions are ready', { mode, cookie: cookie.name });
    if (production && publicUrl === undefined) {
      consoleLogger.warn(
        'PUBLIC_URL is not set: cookies are Secure, so signing in works over https only',
      );
    }
  } catch (error) {
    if (!isSessionError(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
