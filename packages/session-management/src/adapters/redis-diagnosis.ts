import type { RedisFacts } from '../policy/diagnosis.ts';
import { keyNames } from '../policy/key-names.ts';
import { type KeyNames, type RedisClient, SessionStoreUnavailableError } from '../types/index.ts';
import { attempt, redisTime, script } from './redis-script.ts';

/** The throw-away keys live no longer than this, in milliseconds. */
const BRIEFLY = '1000';

/** What it takes to be one node among others: another one owns the key. */
const NOT_MINE = 'MOVED';
/** A cluster has 16384 slots; a master that owns none of so many keys owns next to nothing. */
const MOST_TRIES = 200;

const NOTHING = script('return 1');

/** Names as ours, of a deployment that there is not. */
const NOBODYS = { system: null, database: 'doctor', schema: '', era: 0 };

/** Everything that we send, or have a script send, on keys with names like ours, which nobody uses. */
function trials({ attempts: attemptsOf, intents, prefix, session, user }: KeyNames, tag: string) {
  const attempts = attemptsOf(tag);
  const keys = [session(tag), user(tag), attempts, `${prefix}sp:${tag}`];
  return [
    ['PING'],
    ['TIME'],
    ['ROLE'],
    ['INFO', 'server'],
    ['CLIENT', 'TRACKING', 'OFF'],
    ...keys.flatMap((key) => [
      ['EVAL', NOTHING.text, '1', key],
      ['EVALSHA', NOTHING.sha, '1', key],
      ['SET', key, '', 'PX', BRIEFLY],
      ['PTTL', key],
      ['GET', key],
      ['MGET', key],
      ['DEL', key],
    ]),
    ['SET', attempts, '0', 'EX', '1'],
    ['INCRBY', attempts, '1'],
    ['DEL', attempts],
    ['ZRANGE', intents, '0', '0'],
    ['ZREVRANGE', intents, '0', '0'],
    ['ZADD', intents, 'XX', '0', ''],
    ['ZREM', intents, ''],
    ['ZREMRANGEBYRANK', intents, '1', '0'],
    ['PEXPIRE', intents, '1', 'GT'],
  ];
}

/** Its instant, in milliseconds since the epoch. */
export function redisNow(client: RedisClient): Promise<number> {
  return attempt('now', () => redisTime(client));
}

/** Asks one node about itself. @param newTag - Names a throw-away key. @param prefix - Of all keys. */
export async function redisFacts(
  client: RedisClient,
  newTag: () => string,
  prefix: string,
): Promise<RedisFacts> {
  const server = await told(client, ['INFO', 'server']);
  const role = await told(client, ['INFO', 'replication']);
  const memory = await told(client, ['INFO', 'memory']);
  const tracking = await told(client, ['CONFIG', 'GET', 'tracking-table-max-keys']);

  return {
    release: fieldOf(server, 'redis_version') ?? 'unknown',
    role: fieldOf(role, 'role') ?? 'unknown',
    evictionPolicy: fieldOf(memory, 'maxmemory_policy'),
    trackingMaxKeys: Array.isArray(tracking) ? Number(tracking[1]) : null,
    refused: await refusedCommands(client, newTag, keyNames(NOBODYS, prefix)),
  };
}

async function refusedCommands(
  client: RedisClient,
  newTag: () => string,
  names: KeyNames,
): Promise<string[]> {
  const tag = await ownTag(client, newTag, names);
  const refused: string[] = [];
  for (const command of trials(names, tag)) {
    if (await isRefused(client, command)) refused.push(nameOf(command, names.prefix));
  }
  return [...new Set(refused)];
}

/**
 * A tag whose keys this node owns, which but for a cluster is the first. Its braces keep all keys of
 * one tag on one node.
 */
async function ownTag(
  client: RedisClient,
  newTag: () => string,
  { session }: KeyNames,
): Promise<string> {
  let tag = `{${newTag()}}`;
  for (let tries = 1; tries < MOST_TRIES; tries += 1) {
    const reply = await replyOf(client, ['GET', session(tag)]);
    if (!startsWith(reply, NOT_MINE)) return tag;
    tag = `{${newTag()}}`;
  }
  return tag;
}

/** Redis names the command or the key in its refusal; so do we, without the tag. */
function nameOf([command = '', first = '', , third = '']: string[], prefix: string): string {
  const key = command.startsWith('EVAL') ? third : first;
  const [before, rest] = key.startsWith(prefix) ? [prefix, key.slice(prefix.length)] : ['', key];
  return `${command} ${before}${rest.replace(/:.*/, ':*')}`.trim();
}

async function isRefused(client: RedisClient, command: string[]): Promise<boolean> {
  return startsWith(await replyOf(client, command), 'NOPERM');
}

/** The reply; `null` where our user may not ask. */
async function told(client: RedisClient, command: string[]): Promise<unknown> {
  const reply = await replyOf(client, command);
  return reply instanceof Error ? null : reply;
}

/** Whoever is answered so is answered nothing else. */
const NO_ANSWER = /^(NOAUTH|LOADING|MASTERDOWN) /;

/** An error that Redis answers is an answer here; a broken connection is none. */
async function replyOf(client: RedisClient, command: string[]): Promise<unknown> {
  try {
    return await client.sendCommand(command);
  } catch (error) {
    const isReply = error instanceof Error && /^[A-Z]+ /.test(error.message);
    if (isReply && !NO_ANSWER.test(error.message)) return error;
    throw new SessionStoreUnavailableError('redis', 'diagnose', error);
  }
}

function startsWith(reply: unknown, code: string): boolean {
  return reply instanceof Error && reply.message.startsWith(`${code} `);
}

/** A line of `INFO`. */
function fieldOf(info: unknown, name: string): string | null {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(String(info))?.[1] ?? null;
}
