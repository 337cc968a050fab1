import { createServer, connect as dial, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PostgresChangeFeed } from '../../src/adapters/postgres-change-feed.ts';
import { digestNamed, migratedDatabase, newSession, type TestDatabase } from './database.ts';

let database: TestDatabase;
const opened: { close(): Promise<void> }[] = [];
const psql = <Row extends object>(text: string, values?: unknown[]) =>
  database.psql<Row>(text, values);

beforeAll(async () => {
  database = await migratedDatabase();
});
beforeEach(async () => {
  await database.empty();
  await psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com')`);
  for (const digest of ['d1', 'd2']) await database.sessions.create(newSession('u1', digest));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});
afterAll(() => database.close());

function listen(url = database.url) {
  const onChange = vi.fn();
  const feed = new PostgresChangeFeed(url).listen(onChange);
  opened.push(feed);
  return { feed, onChange };
}

async function proven() {
  const { feed, onChange } = listen();
  await expect.poll(() => feed.isProven()).toBe(true);
  onChange.mockClear();
  return { feed, onChange };
}

const feeds = () =>
  psql<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'session-management feed'`,
  );

it.each([
  ['a role', `UPDATE "User" SET role = 'ADMIN'`],
  ['a deleted user', 'DELETE FROM "User"'],
  [
    'a revoke',
    `UPDATE sessions."Session" SET "revokedAt" = now() WHERE digest = sessions.digest('d1')`,
  ],
  ['a deleted session', `DELETE FROM sessions."Session" WHERE digest = sessions.digest('d1')`],
])('tells of %s that is typed into psql', async (_name, sql) => {
  const { onChange } = await proven();
  await psql(sql);

  await expect.poll(() => onChange.mock.calls.length).toBe(1);
});

it('tells once of a transaction with many ends, and never of extensions, log-ins and new users', async () => {
  const { onChange } = await proven();
  await database.sessions.extend(digestNamed('d1'), 120_000);
  await database.sessions.create(newSession('u1', 'd3'));
  await psql(`INSERT INTO "User"(id, email) VALUES ('u2', 'eve@example.com')`);
  await psql('UPDATE sessions."Session" SET "revokedAt" = now()');
  await expect.poll(() => onChange.mock.calls.length).toBeGreaterThan(0);

  // Notices come in the order of the commits, so whatever came before has been told by now.
  expect(onChange).toHaveBeenCalledTimes(1);
});

it('tells nothing of what is rolled back', async () => {
  const { onChange } = await proven();
  await psql('BEGIN; DELETE FROM "User"; ROLLBACK');
  await psql(`UPDATE "User" SET role = 'ADMIN'`);
  await expect.poll(() => onChange.mock.calls.length).toBeGreaterThan(0);

  expect(onChange).toHaveBeenCalledTimes(1);
});

it('comes back and is proven again when its connection is ended, and tells of what it may have missed', async () => {
  const { feed, onChange } = await proven();
  const [before] = await feeds();
  const states: boolean[] = [];
  const watch = setInterval(() => states.push(feed.isProven()), 1);
  await psql('SELECT pg_terminate_backend($1)', [before?.pid]);
  await expect.poll(() => states.includes(false)).toBe(true);
  await expect.poll(() => feed.isProven()).toBe(true);
  clearInterval(watch);

  expect(onChange).toHaveBeenCalled();
  expect(await feeds()).not.toContainEqual(before);
  onChange.mockClear();
  await psql(`UPDATE "User" SET role = 'ADMIN'`);
  await expect.poll(() => onChange.mock.calls.length).toBe(1);
});

it('closes its connection, at once and for good', async () => {
  const { feed } = await proven();
  await feed.close();

  expect(feed.isProven()).toBe(false);
  await expect.poll(feeds).toEqual([]);
});

it('waits for a database that is not there, says nothing of it, and can be closed', async () => {
  const { feed, onChange } = listen('postgresql://ada:secret@127.0.0.1:1/none');
  await feed.close();

  expect(feed.isProven()).toBe(false);
  expect(onChange).not.toHaveBeenCalled();
});

describe('behind a proxy', () => {
  it('is never proven where the ids of connections are not those of the server: a pooler', async () => {
    const pooler = await proxy((bytes) => withoutBackendId(bytes));
    const { feed } = listen(pooler.url);
    await expect.poll(feeds).toHaveLength(1);
    await expect.poll(() => pooler.said()).toContain('NOTIFY');

    expect(feed.isProven()).toBe(false);
  });

  it('can be closed while the other end says nothing more', async () => {
    const silent = await proxy((bytes) => (bytes.length > 0 ? null : bytes));
    const { feed } = listen(silent.url);
    await expect.poll(() => silent.said()).not.toBe('');
    await feed.close();

    expect(feed.isProven()).toBe(false);
  });
});

/** A proxy before the database that changes, or drops, what the server says. */
async function proxy(change: (bytes: Buffer) => Buffer | null) {
  const target = new URL(database.url);
  const sockets = new Set<Socket>();
  let said = '';
  const server = createServer((client) => {
    const upstream = dial(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1').replaceAll('LISTEN', '');
      upstream.write(bytes);
    });
    upstream.on('data', (bytes: Buffer) => {
      const changed = change(bytes);
      if (changed) client.write(changed);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(database.url);
  url.port = String(typeof address === 'object' ? address?.port : '');
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  opened.push({ close });
  return { url: url.href, said: () => said };
}

/** BackendKeyData is `K`, a length of 12, the id and a key. */
function withoutBackendId(bytes: Buffer): Buffer {
  const at = bytes.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
  if (at >= 0) bytes.writeInt32BE(7, at + 5);
  return bytes;
}
