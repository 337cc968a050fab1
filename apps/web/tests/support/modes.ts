import { freshDatabaseUrl, freshRedisUrl } from '@repo/local-stores/vitest';
import { afterAll, beforeAll, describe } from 'vitest';
import { ensureBuilt } from './build.ts';
import { migrate, type Server, startServer, type Variables } from './server.ts';
import { newTranscript, type Transcript, Visitor } from './visitor.ts';

const BUILD_AND_START_MS = 300_000;

/** A running site and who visits it. */
export interface Site {
  server: Server;
  transcript: Transcript;
  /** PostgreSQL of the site; `null` in mock mode. */
  databaseUrl: string | null;
  /** A new browser without cookies. */
  visitor(): Visitor;
}

const MODES: [name: string, variables: () => Promise<Variables>][] = [
  ['mock mode', async () => ({ NODE_ENV: 'test' })],
  ['stores mode', storesMode],
];

/** The same promises over HTTP, on memory and on PostgreSQL + Redis. */
export function describeSite(title: string, suite: (site: () => Site) => void): void {
  describe.each(MODES)(`${title}, in %s`, (_, variables) => {
    let site: Site;

    beforeAll(async () => {
      const given = await variables();
      const server = await startServer(given);
      const transcript = newTranscript();
      const databaseUrl = given['DATABASE_URL'] ?? null;
      const visitor = () => new Visitor(server.origin, transcript);
      site = { server, transcript, databaseUrl, visitor };
    }, BUILD_AND_START_MS);

    afterAll(() => site?.server.stop());

    suite(() => site);
  });
}

/** Variables of a production start on stores of its own, with the present schema. */
export async function storesMode(): Promise<Variables> {
  await ensureBuilt();
  const [databaseUrl, redisUrl] = await Promise.all([freshDatabaseUrl(), freshRedisUrl()]);
  await migrate(databaseUrl);
  return { NODE_ENV: 'production', DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
}
