import { RateLimiterRedis } from 'rate-limiter-flexible';
import { namesOf } from '../policy/key-names.ts';
import type {
  AttemptLimit,
  AttemptStore,
  KeyNamesSource,
  RedisClient,
  TakenAttempt,
} from '../types/index.ts';
import { attempt, type RedisScript, runScript, script } from './redis-script.ts';

/**
 * ARGV: how many to count (1), length of the window (s), how many it may hold. Answers the count with
 * this one and what is left of the window (ms); what finds no room is not counted and writes nothing.
 */
const TAKE = `
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
local left = redis.call('PTTL', KEYS[1])
if left > 0 and held >= tonumber(ARGV[3]) then return {held + 1, left} end
if left <= 0 then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
  return {tonumber(ARGV[1]), 1000 * ARGV[2]}
end
return {redis.call('INCRBY', KEYS[1], ARGV[1]), left}
`;

/** ARGV: what was left of the window that the attempt belongs to (ms). A later window has more. */
const TAKE_BACK = script(`
local left = redis.call('PTTL', KEYS[1])
if left < 0 or left > tonumber(ARGV[1]) then return 0 end
if tonumber(redis.call('GET', KEYS[1])) > 0 then redis.call('INCRBY', KEYS[1], -1) end
return 1
`);

/** Attempts of all processes, each under one key that Redis expires by itself. */
export class RedisAttemptStore implements AttemptStore {
  readonly #client: RedisClient;
  readonly #names: KeyNamesSource;
  readonly #runner: ScriptRunner;
  /** One for each limit. */
  readonly #limiters = new Map<string, RateLimiterRedis>();

  /** @param client - A connected client of `redis` or `@redis/client`; the caller closes it. */
  constructor(client: RedisClient, names: KeyNamesSource) {
    this.#client = client;
    this.#names = names;
    this.#runner = new ScriptRunner(client);
  }

  take(key: string, limit: AttemptLimit): Promise<TakenAttempt> {
    return attempt('take-attempt', async () => {
      const { consumedPoints, msBeforeNext } = await this.#limiterOf(limit).penalty(
        this.#keyOf(key),
      );
      return { granted: consumedPoints <= limit.most, leftMs: msBeforeNext };
    });
  }

  async takeBack(key: string, leftMs: number): Promise<void> {
    await attempt('take-back-attempt', () =>
      runScript(this.#client, TAKE_BACK, this.#keyOf(key), [String(leftMs)]),
    );
  }

  async forget(key: string): Promise<void> {
    await attempt('forget-attempts', () => this.#client.sendCommand(['DEL', this.#keyOf(key)]));
  }

  async remember(key: string, ms: number): Promise<void> {
    await attempt('remember-network', () =>
      this.#client.sendCommand(['SET', this.#keyOf(key), '1', 'PX', String(ms)]),
    );
  }

  async knows(key: string): Promise<boolean> {
    const get = (): Promise<unknown> => this.#client.sendCommand(['GET', this.#keyOf(key)]);
    return (await attempt('know-network', get)) !== null;
  }

  #keyOf(name: string): string {
    return namesOf(this.#names).attempts(name);
  }

  #limiterOf({ most, withinMs }: AttemptLimit): RateLimiterRedis {
    const name = `${most} in ${withinMs}`;
    const known = this.#limiters.get(name);
    if (known !== undefined) return known;
    const limiter = new RateLimiterRedis({
      storeClient: this.#runner,
      useRedisPackage: true,
      customIncrTtlLuaScript: TAKE,
      keyPrefix: '',
      points: most,
      duration: Math.max(1, Math.round(withinMs / 1_000)),
    });
    this.#limiters.set(name, limiter);
    return limiter;
  }
}

/** What the limiter calls of a client of `@redis/client`, over the one method that we have. */
class ScriptRunner {
  readonly #client: RedisClient;
  readonly #scripts = new Map<string, RedisScript>();

  constructor(client: RedisClient) {
    this.#client = client;
  }

  eval(text: string, { arguments: args, keys }: { arguments: string[]; keys: string[] }) {
    const known = this.#scripts.get(text) ?? script(text);
    this.#scripts.set(text, known);
    return runScript(this.#client, known, keys[0] ?? '', args);
  }
}
