import { freePort } from './ports.ts';
import { type Log, redisPrograms, toTerminal } from './programs.ts';
import { dataSettings, type RedisStore, startRedisServer } from './redis-server.ts';

export interface RedisOptions {
  readonly log?: Log | undefined;
  /** Further arguments of the server's command line. */
  readonly args?: readonly string[] | undefined;
  /** Whether a stop writes a dump. A start loads the newest dump, BGSAVE's too. Default false. */
  readonly save?: boolean | undefined;
}

/** Starts a private Redis: no password, 127.0.0.1 only, nothing kept across a restart. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisStore> {
  const programs = redisPrograms(options.log ?? toTerminal);
  const kept = options.save === true ? ['save 3600 1'] : [];
  return startRedisServer(programs, {
    port: await freePort(),
    settings: [...dataSettings(programs), ...kept],
    args: options.args,
  });
}
