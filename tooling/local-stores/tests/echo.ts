import { once } from 'node:events';
import { createServer } from 'node:net';

/** A server that sends back what it gets; `name` greets. */
export async function echo(name?: string) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => received.push(bytes.toString()));
    if (name !== undefined) socket.write(name);
    socket.pipe(socket);
  });
  const received: string[] = [];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, received, server };
}
