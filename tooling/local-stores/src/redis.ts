import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { majorVersion } from './machine.ts';
import { freePort } from './ports.ts';
import { type Log, redisPrograms, toTerminal } from './programs.ts';
import { moveIn, openHome, type Store } from './store.ts';
import { StoreProcess } from './store-process.ts';

const DEBUG_COMMAND_SINCE = 7;

export interface RedisOptions {
  readonly log?: Log | undefined;
}

export interface RedisStore extends Store {
  /** The path of `redis-cli`, null where only the server was found. */
  readonly cli: string | null;
}

/** Starts a private Redis: no password, 127.0.0.1 only, nothing kept across a restart. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisStore> {
  const programs = redisPrograms(options.log ?? toTerminal);
  const home = await openHome('redis');

  return moveIn(home, async () => {
    const port = await freePort();
    const file = join(programs.folder, programs.server);
    const server = new StoreProcess(
      {
        name: 'redis',
        file,
        args: serverArgs(home.folder, port, majorVersion(file)),
        folder: home.folder,
        user: null,
        stopSignal: 'SIGTERM',
        endSignal: 'SIGTERM',
        ready: () => answers(port),
      },
      home.guard,
    );
    await server.start();

    const cli = join(programs.folder, programs.server.replace('server', 'cli'));
    return {
      url: `redis://127.0.0.1:${port}`,
      port,
      cli: existsSync(cli) ? cli : null,
      start: () => server.start(),
      stop: () => server.stop(),
      kill: () => server.kill(),
      pause: () => server.pause(),
      resume: () => server.resume(),
      close: () => home.guard.release(),
    };
  });
}

function serverArgs(folder: string, port: number, version: number): string[] {
  const debug = version >= DEBUG_COMMAND_SINCE ? ['--enable-debug-command', 'local'] : [];
  const kept = ['--save', '', '--appendonly', 'no'];
  return ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, ...kept, ...debug];
}

function answers(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer to PING')));
    socket.once('error', reject);
    socket.once('data', (reply) => {
      socket.destroy();
      if (reply.toString().startsWith('+PONG')) resolve();
      else reject(new Error(`an answer to PING that is not PONG: ${reply}`));
    });
    socket.once('close', () => reject(new Error('the connection was closed')));
  });
}
