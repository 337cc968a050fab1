import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { Socket } from 'node:net';
import { statementsIn } from './postgres-messages.mjs';
import { commandsIn } from './resp.mjs';

/** Kinds of asynchronous work that run on libuv's thread pool. */
const POOL_JOBS =
  /^(HASH|SIGN|CIPHER|HKDF|PBKDF2|SCRYPT|DERIVEBITS|KEYEXPORT|KEYGEN|RANDOMBYTES|RANDOMPRIME|CHECKPRIME|VERIFY)\w*REQUEST$|^(FSREQ|GETADDRINFO|GETNAMEINFO|ZLIB)/;

/** Set while a counted call runs, and in all that it starts: so the process's own upkeep is left out. */
const counted = new AsyncLocalStorage();

/**
 * Counts what some calls say to the stores: commands, statements, writes on sockets and jobs of the
 * thread pool. Read from the bytes that leave this process, not assumed.
 *
 * @param {{ redis: number[], postgres: number[] }} ports
 * @param {(inside: <T>(call: () => T) => T) => Promise<unknown>} work - Counted is what runs `inside`.
 * @param {{ everything?: boolean }} [options] - Count all that leaves this process meanwhile: a call
 *   that waits for a connection of a pool is sent from outside.
 */
export async function countWire(ports, work, { everything = false } = {}) {
  const seen = { commands: new Map(), statements: new Map(), trips: { redis: 0, postgres: 0 } };
  const jobs = new Map();
  const restore = listen(ports, seen, everything);
  const hook = createHook({
    init(_id, type) {
      if (counted.getStore() === true && POOL_JOBS.test(type)) add(jobs, type);
    },
  }).enable();
  try {
    await work((call) => counted.run(true, call));
  } finally {
    hook.disable();
    // Before Node 24 its hooks make every promise of the process dearer for as long as it is in use.
    counted.disable();
    restore();
  }
  return { ...seen, jobs };
}

export function total(counts) {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** Patches the two methods through which every byte of a socket goes. */
function listen(ports, seen, everything) {
  const { _write: write, _writev: writev } = Socket.prototype;
  const note = (socket, chunks) => {
    if (!everything && counted.getStore() !== true) return;
    const { remotePort } = socket;
    const store = ['redis', 'postgres'].find((name) => ports[name].includes(remotePort));
    if (store === undefined) return;
    const bytes = Buffer.concat(chunks);
    const names = store === 'redis' ? commandsIn(bytes) : statementsIn(bytes, socket);
    seen.trips[store]++;
    for (const name of names) add(store === 'redis' ? seen.commands : seen.statements, name);
  };
  Socket.prototype._write = function (chunk, encoding, done) {
    note(this, [Buffer.from(chunk, encoding === 'buffer' ? undefined : encoding)]);
    return write.call(this, chunk, encoding, done);
  };
  Socket.prototype._writev = function (chunks, done) {
    note(
      this,
      chunks.map((each) => Buffer.from(each.chunk, each.encoding)),
    );
    return writev.call(this, chunks, done);
  };
  return () => Object.assign(Socket.prototype, { _write: write, _writev: writev });
}

function add(counts, name) {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
