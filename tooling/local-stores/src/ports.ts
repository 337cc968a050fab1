import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ports that systems lend to outgoing connections. From those, a client that keeps
// trying to reach a killed store would sooner or later connect to itself and hold the port.
const LOWEST = 20_000;
const HIGHEST = 31_999;
const TRIES = 100;

/** A loopback port on which nobody listens now. */
export async function freePort(): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`found no free port between ${LOWEST} and ${HIGHEST} in ${TRIES} tries`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
