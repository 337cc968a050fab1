import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ports that systems lend to outgoing connections. From those, a client that keeps
// trying to reach a killed store would sooner or later connect to itself and hold the port.
const LOWEST = 20_000;
const HIGHEST = 31_999;
const TRIES = 100;

/** The nodes of a Redis Cluster talk on their port + this. */
const BUS_OFFSET = 10_000;

/** A loopback port on which nobody listens now, and which nobody here was given before. */
export function freePort(): Promise<number> {
  return search(HIGHEST, isFree);
}

/** A free port whose cluster bus port is free too. */
export function freeClusterPort(): Promise<number> {
  return search(HIGHEST - BUS_OFFSET, async (port) => {
    return (await isFree(port)) && isFree(port + BUS_OFFSET);
  });
}

// Between the answer and the use of a port nobody listens there.
const given = new Set<number>();

async function search(highest: number, fits: (port: number) => Promise<boolean>): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    const port = randomInt(LOWEST, highest + 1);
    if (given.has(port)) continue;
    given.add(port);
    if (await fits(port)) return port;
  }
  throw new Error(`found no free port between ${LOWEST} and ${highest} in ${TRIES} tries`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
