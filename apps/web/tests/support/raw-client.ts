import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export const LOG_IN = '/api/trpc/auth.login';

/** A POST of JSON as it is written on the wire; a header replaces the usual one of its name. */
export function postOf(target: string, body = '', headers: Record<string, string> = {}): string {
  const all = {
    Host: 'localhost',
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `POST ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** The same with a body in chunks, of which no last one follows. */
export function endlessPostOf(target: string, body: string): string {
  const head = postOf(target).replace('Content-Length: 0', 'Transfer-Encoding: chunked');
  return `${head}${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`;
}

/** Writes this on a connection of its own, and reads nothing yet. */
export async function written(origin: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.pause();
  await new Promise((done) => socket.write(text, done));
  return socket;
}

/** The first that comes back, and the status in it. */
export async function firstAnswer(socket: Socket): Promise<{ status: number; text: string }> {
  const data = once(socket, 'data', { signal: AbortSignal.timeout(50_000) });
  socket.resume();
  const text = String((await data)[0]);
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text };
}
