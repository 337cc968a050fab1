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
      const server = await startServer(await variables());
      const transcript = newTranscript();
      site = { server, transcript, visitor: () => new Visitor(server.origin, transcript) };
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
