import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startProxy, type TcpProxy } from '../src/index.ts';
import { echo } from './echo.ts';

const peers: Socket[] = [];
let proxy: TcpProxy;
let store: Awaited<ReturnType<typeof echo>>;

const until = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 30_000 });

/** A client that notes what it hears. */
function peer(port: number) {
  const heard: string[] = [];
  const socket = connect(port, '127.0.0.1');
  const ends: string[] = [];
  socket.on('data', (bytes) => heard.push(bytes.toString()));
  socket.on('error', (error: NodeJS.ErrnoException) => ends.push(error.code ?? error.message));
  socket.on('end', () => ends.push('end'));
  peers.push(socket);
  return { socket, heard, ends };
}

afterEach(async () => {
  for (const socket of peers.splice(0)) socket.destroy();
  await proxy.close();
  store.server.close();
});

beforeEach(async () => {
  store = await echo();
  proxy = await startProxy({ target: { port: store.port } });
});

const say = async (client: ReturnType<typeof peer>, text: string) => {
  const before = client.heard.join('').length;
  client.socket.write(text);
  await until(() => expect(client.heard.join('').slice(before)).toBe(text));
};

it('hands everything on, an end included', async () => {
  const client = peer(proxy.port);
  await say(client, 'x'.repeat(3_000_000));
  client.socket.end('bye');
  await until(() => expect(client.ends).toEqual(['end']));
  expect(client.heard.join('')).toMatch(/xbye$/);
  await until(() => expect(proxy.stats().open).toBe(0));
  expect(proxy.stats()).toMatchObject({
    accepted: 1,
    bytesToServer: 3_000_003,
    bytesToClient: 3_000_003,
  });
});

it('delays without changing the order, and without adding up', async () => {
  const client = peer(proxy.port);
  await say(client, 'quick');
  proxy.delay(500, 50, 'toClient');
  const start = performance.now();
  // One after the other these would take longer than anybody waits here.
  const words = Array.from({ length: 20 }, (_, index) => `${index};`);
  for (const word of words) {
    client.socket.write(word);
    await until(() => expect(store.received.at(-1)).toBe(word));
  }
  await until(() => expect(client.heard.join('')).toBe(`quick${words.join('')}`));
  expect(performance.now() - start).toBeGreaterThan(499);
});

it('slices', async () => {
  const client = peer(proxy.port);
  proxy.slice(2, 'toClient');
  await say(client, 'abcdef');
  expect(client.heard).toEqual(['ab', 'cd', 'ef']);
  expect(() => proxy.slice(0)).toThrow(RangeError);
});

it.each(['both', 'toServer', 'toClient'] as const)('freezes %s, and thaws', async (direction) => {
  const client = peer(proxy.port);
  await say(client, 'a');
  proxy.freeze(direction);
  client.socket.write('held');
  const late = peer(proxy.port);
  await once(late.socket, 'connect');
  late.socket.end('later');
  if (direction === 'toClient') {
    await until(() => expect(store.received).toContain('later'));
  }
  // A round trip beside the frozen link: what was to pass has had its time.
  const beside = peer(store.port);
  await say(beside, 'beside');
  expect([client.heard, late.heard]).toEqual([['a'], []]);
  expect(store.received.includes('held')).toBe(direction === 'toClient');
  expect([...client.ends, ...late.ends]).toEqual([]);

  await proxy.heal();
  await until(() => expect(client.heard.join('')).toBe('aheld'));
  await until(() => expect(late.ends).toEqual(['end']));
  expect(late.heard.join('')).toBe('later');
});

it('does not tell of a reset through a frozen link', async () => {
  const client = peer(proxy.port);
  await say(client, 'a');
  proxy.freeze();
  client.socket.resetAndDestroy();
  await say(peer(store.port), 'beside');
  expect(proxy.stats().open).toBe(1);
  await proxy.heal();
  await until(() => expect(proxy.stats().open).toBe(0));
});

it('holds a bounded amount while it is frozen', async () => {
  const client = peer(proxy.port);
  await say(client, 'a');
  proxy.freeze();
  const sent = 'x'.repeat(50_000_000);
  client.socket.write(sent);
  await say(peer(store.port), 'beside');
  expect(client.socket.bytesWritten).toBeGreaterThan(1);
  expect(client.socket.writableLength).toBeGreaterThan(10_000_000);
  await proxy.heal();
  await until(() => expect(client.heard.join('').length).toBe(sent.length + 1));
});

it('cuts with RST, refuses, and listens again', async () => {
  const client = peer(proxy.port);
  await say(client, 'a');
  proxy.cut();
  await until(() => expect(client.ends).toEqual(['ECONNRESET']));
  const refused = peer(proxy.port);
  await until(() => expect(refused.ends).toEqual(['ECONNREFUSED']));

  await proxy.heal();
  await say(peer(proxy.port), 'b');
});

it('swallows as many replies as it was told', async () => {
  const client = peer(proxy.port);
  await say(client, 'a');
  proxy.swallowReplies(2);
  for (const [index, word] of ['lost', 'gone'].entries()) {
    client.socket.write(word);
    await until(() => expect(proxy.stats().swallowed).toBe(index + 1));
  }
  await say(client, 'kept');
  expect(client.heard).toEqual(['a', 'kept']);
  expect(store.received).toEqual(['a', 'lost', 'gone', 'kept']);
});

it('cuts one connection in place of the answer to a chosen request, once', async () => {
  const [client, other] = [peer(proxy.port), peer(proxy.port)];
  await say(other, 'a');
  proxy.cutAfterRequestContaining('COMMIT');
  await say(client, 'BEGIN;COM');
  client.socket.write('MIT;');
  await until(() => expect(client.ends).toEqual(['ECONNRESET']));
  expect(client.heard.join('')).toBe('BEGIN;COM');
  expect(store.received).toContain('MIT;');
  expect(proxy.stats().lostAnswers).toBe(1);

  await say(other, 'COMMIT;');
  await until(() => expect(proxy.stats().open).toBe(1));
});

it('resets the client whose store went away', async () => {
  const client = peer(proxy.port);
  await say(client, 'a');
  proxy.retarget(1);
  await until(() => expect(client.ends).toEqual(['ECONNRESET']));
  const late = peer(proxy.port);
  await until(() => expect(late.ends).toEqual(['ECONNRESET']));
});

it('leads to another store', async () => {
  const next = await echo('next');
  proxy.retarget(next.port);
  const client = peer(proxy.port);
  await until(() => expect(client.heard).toEqual(['next']));
  await proxy.close();
  next.server.close();
});

it('closes in any state, twice too', async () => {
  const client = peer(proxy.port);
  await say(client, 'a');
  proxy.delay(60_000);
  proxy.freeze();
  client.socket.write('held');
  await proxy.close();
  await proxy.close();
  await until(() => expect(client.ends).toEqual(['ECONNRESET']));
});
