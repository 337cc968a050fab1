import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresStore, type Store, startPgBouncer, startPostgres } from '../src/index.ts';
import { noPgBouncer } from './available.ts';

describe.skipIf(noPgBouncer)(
  'PgBouncer (skipped where it is missing and cannot be installed)',
  () => {
    const clients: pg.Client[] = [];
    let postgres: PostgresStore;
    let pooler: Store;

    beforeAll(async () => {
      postgres = await startPostgres();
      pooler = await startPgBouncer(postgres.url, { namedStatements: false });
    });

    afterAll(async () => {
      await pooler.close();
      await postgres.close();
    });

    afterEach(async () => {
      await Promise.all(clients.splice(0).map((client) => client.end()));
    });

    async function connected(url = pooler.url): Promise<pg.Client> {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      await client.connect();
      clients.push(client);
      return client;
    }

    const backend = async (client: pg.Client) =>
      (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;

    it('lends one server connection to several clients, a transaction at a time', async () => {
      const [one, other] = [await connected(), await connected()];
      expect(await backend(one)).toBe(await backend(other));

      await one.query('BEGIN');
      expect(await backend(one)).not.toBe(await backend(other));
      await one.query('ROLLBACK');
    });

    it('reaches each database of the server', async () => {
      const url = new URL(await postgres.createDatabase('elsewhere'));
      url.port = String(pooler.port);
      const client = await connected(url.href);
      const { rows } = await client.query('SELECT current_database() AS name');
      expect(rows).toEqual([{ name: 'elsewhere' }]);
    });

    it('loses a named statement with the server connection, when told so', async () => {
      const [one, other] = [await connected(), await connected()];
      const named = { name: 'mine', text: 'SELECT $1::int AS n', values: [1] };
      expect((await one.query(named)).rows).toEqual([{ n: 1 }]);

      // They take the connections that there are; only a fresh one is left, which knows no statement.
      const busy = await Promise.all([connected(), connected()]);
      for (const client of busy) await client.query('BEGIN');
      await expect(one.query(named)).rejects.toMatchObject({ code: '26000' });
      for (const client of busy) await client.query('ROLLBACK');

      const unnamed = { text: 'SELECT $1::int AS n', values: [2] };
      expect((await other.query(unnamed)).rows).toEqual([{ n: 2 }]);
    });

    it('drops its clients when killed, comes back, and closes twice', async () => {
      const client = await connected();
      const gone = new Promise((resolve) => client.once('end', resolve));
      await pooler.kill();
      await gone;
      await pooler.start();
      await backend(await connected());
      await pooler.close();
      await pooler.close();
      await expect(connected()).rejects.toThrow(/ECONNREFUSED/);
    });
  },
);
