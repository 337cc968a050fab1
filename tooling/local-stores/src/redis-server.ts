import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { majorVersion } from './machine.ts';
import type { Programs } from './programs.ts';
import { controlsOf, moveIn, openHome, type Store } from './store.ts';
import { StoreProcess } from './store-process.ts';

const DEBUG_COMMAND_SINCE = 7;

export interface RedisStore extends Store {
  /** The path of `redis-cli`, null where only the server was found. */
  readonly cli: string | null;
}

export interface RedisPlan {
  readonly port: number;
  /** Lines of its configuration file, which it may write anew. */
  readonly settings: readonly string[];
  readonly args?: readonly string[] | undefined;
}

/** What every data node is told: nothing is written to disk unless somebody asks. */
export function dataSettings(programs: Programs): string[] {
  const hasDebug = majorVersion(serverFile(programs)) >= DEBUG_COMMAND_SINCE;
  return ['save ""', 'appendonly no', ...(hasDebug ? ['enable-debug-command local'] : [])];
}

/** Starts one server process of the Redis family (data node or sentinel) on 127.0.0.1. */
export async function startRedisServer(programs: Programs, plan: RedisPlan): Promise<RedisStore> {
  const home = await openHome('redis');
  return moveIn(home, async () => {
    const file = join(home.folder, 'redis.conf');
    const { port } = plan;
    const common = ['bind 127.0.0.1', `port ${port}`, `dir "${home.folder}"`];
    await writeFile(file, `${[...common, ...plan.settings].join('\n')}\n`);
    const server = new StoreProcess(
      {
        name: 'redis',
        file: serverFile(programs),
        args: [file, ...(plan.args ?? [])],
        folder: home.folder,
        user: null,
        stopSignal: 'SIGTERM',
        // SIGTERM would wait for replicas that lag behind.
        endSignal: 'SIGKILL',
        ready: () => answers(port),
      },
      home.guard,
    );
    await server.start();

    const cli = join(programs.folder, programs.server.replace('server', 'cli'));
    return {
      ...controlsOf(server, home),
      url: `redis://127.0.0.1:${port}`,
      port,
      cli: existsSync(cli) ? cli : null,
    };
  });
}

function serverFile(programs: Programs): string {
  return join(programs.folder, programs.server);
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
