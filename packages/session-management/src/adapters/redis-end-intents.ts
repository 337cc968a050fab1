import { namesOf } from '../policy/key-names.ts';
import { LIMITS } from '../policy/limits.ts';
import type { EndIntent, EndIntents, KeyNamesSource, RedisClient } from '../types/index.ts';
import { attempt, runScript, script } from './redis-script.ts';

/** Most intents that are kept; beyond, the oldest go. */
const MOST = 10_000;

/** ARGV: member, most, time to live (ms). The newest have the highest scores. */
const ADD = script(`
local top = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
local score = top[2] and tonumber(top[2]) + 1 or 1
redis.call('ZADD', KEYS[1], 'NX', score, ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -tonumber(ARGV[2]) - 1)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`);

/** Ends that PostgreSQL could not record, kept in Redis for whoever sees it back. */
export class RedisEndIntents implements EndIntents {
  readonly #client: RedisClient;
  readonly #names: KeyNamesSource;

  constructor(client: RedisClient, names: KeyNamesSource) {
    this.#client = client;
    this.#names = names;
  }

  async add({ digest, realm }: EndIntent): Promise<void> {
    const args = [`${realm} ${digest}`, String(MOST), String(LIMITS.INTENTS)];
    await attempt('intend', () => runScript(this.#client, ADD, this.#key, args));
  }

  async list(limit: number): Promise<EndIntent[]> {
    const range = ['ZRANGE', this.#key, '0', String(limit - 1)];
    const reply = await attempt('intents', () => this.#client.sendCommand(range));
    return Array.isArray(reply) ? reply.flatMap((member) => intentOf(String(member))) : [];
  }

  async remove({ digest, realm }: EndIntent): Promise<void> {
    const removal = ['ZREM', this.#key, `${realm} ${digest}`];
    await attempt('intended', () => this.#client.sendCommand(removal));
  }

  get #key(): string {
    return namesOf(this.#names).intents;
  }
}

function intentOf(member: string): EndIntent[] {
  const [realm, digest] = member.split(' ');
  return realm && digest ? [{ realm, digest }] : [];
}
