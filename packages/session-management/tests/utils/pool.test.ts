import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { freshDatabaseUrl } from '@repo/local-stores/vitest';
import { afterEach, describe, expect, it } from 'vitest';
import type { SqlRunner } from '../../src/types/index.ts';
import { leaseDatabase } from '../../src/utils/prisma-singleton.ts';

/** One of those that a process may have is set apart. */
const MOST = 10;
const open: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function statementsOn(databaseUrl: string, connectionTimeout: number): SqlRunner {
  const lease = leaseDatabase({ databaseUrl, connectionTimeout, maxConnections: MOST + 1 });
  open.push(() => lease.release());
  return lease.value.statements(10_000);
}

function askAll(sql: SqlRunner, text: string): Promise<PromiseSettledResult<unknown>[]> {
  return Promise.allSettled(Array.from({ length: MOST }, () => sql.query('all', text, [])));
}

/** Takes every connection and never says a word, as a database does that is overrun. */
async function silentServer() {
  const sockets = new Set<Socket>();
  const seen = { connections: 0 };
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    seen.connections += 1;
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { seen, url: `postgresql://nobody@127.0.0.1:${port}/none` };
}

describe('the pool of connections', () => {
  it('opens few connections at a time, however many statements wait', async () => {
    const { seen, url } = await silentServer();
    const answers = await askAll(statementsOn(url, 200), 'SELECT 1');
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['rejected']));
    // Two at first, and two when those were given up.
    expect(seen.connections).toBeLessThanOrEqual(4);
  });

  it('grows to its bound while statements wait for each other', async () => {
    const url = await freshDatabaseUrl();
    // Nobody's statement ends before all of them run.
    const answers = await askAll(
      statementsOn(url, 10_000),
      `DO $$ BEGIN
         WHILE (SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE 'DO %') < ${MOST} LOOP
           PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
         END LOOP;
       END $$`,
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['fulfilled']));
  });

  it('serves many short statements', async () => {
    const sql = statementsOn(await freshDatabaseUrl(), 10_000);
    for (let round = 0; round < 5; round += 1) {
      const answers = await askAll(sql, 'SELECT 1');
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['fulfilled']));
    }
  });
});
