import { createHash } from 'node:crypto';
import { type RedisClient, SessionStoreUnavailableError } from '../types/index.ts';

/** A script on one key. It is sent by its hash; Redis learns the text when it does not know it. */
export interface RedisScript {
  text: string;
  sha: string;
}

/** Reads the rank of what is held: nothing, a tombstone, or a version. Never throws, whatever is stored. */
const RANK = `
local function rank(held)
  if type(held) ~= 'string' then return nil end
  local read, value = pcall(cjson.decode, held)
  if not read or type(value) ~= 'table' then return nil end
  if type(value.version) == 'number' and type(value.confirmed_at) == 'number' then return value end
  if value.tombstone == true then return 'tombstone' end
  return nil
end
local held = redis.pcall('GET', KEYS[1])
local there = rank(held)
`;

const WRITE = `${RANK}
if ARGV[5] == 'replace' and held == false then return 0 end
if there == 'tombstone' then return 0 end
if there then
  local version, confirmed = tonumber(ARGV[3]), tonumber(ARGV[4])
  if there.version > version then return 0 end
  if there.version == version and there.confirmed_at > confirmed then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

/**
 * ARGV: text, time to live (ms), version, confirmed_at, 'put' or 'replace'. Answers whether it wrote.
 * A key of another type counts as lowest: SET takes its place.
 */
export const WRITE_COPY = script(WRITE);

/** The same for the tombstone of a user. The flag lets it work in a Redis that is full. */
export const BURY_USER = script(`#!lua flags=allow-oom${WRITE}`);

/** ARGV: text, time to live (ms). For the adapter alone: answers what forbade it. */
export const SET_PLAIN = script(`${RANK}
if there == 'tombstone' then return 'revoked' end
if there then return 'managed' end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 'set'
`);

/** ARGV: the text that was read, the new text, time to live (ms). Answers whether it wrote. */
export const SWAP = script(`
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`);

/** ARGV: the text that was read. Removes it, or a key of another type, and nothing that came since. */
export const DISCARD = script(`
local held = redis.pcall('GET', KEYS[1])
if held == ARGV[1] or type(held) == 'table' then redis.call('DEL', KEYS[1]) end
`);

/**
 * ARGV: tombstone, W (ms), 'end' or 'delete'. 'end' writes whatever is there and never shortens a
 * tombstone; 'delete' only where something is, for as long as that would have lived.
 * The flag lets it work in a Redis that is full.
 */
export const BURY = script(`#!lua flags=allow-oom
local left = redis.call('PTTL', KEYS[1])
if ARGV[3] == 'delete' and left == -2 then return 0 end
local life = tonumber(ARGV[2])
if ARGV[3] == 'delete' or redis.pcall('GET', KEYS[1]) == ARGV[1] then life = math.max(life, left) end
redis.call('SET', KEYS[1], ARGV[1], 'PX', string.format('%.0f', life))
return 1
`);

/** Runs a script on its one key, in one round trip once Redis knows it. */
export async function runScript(
  client: RedisClient,
  { sha, text }: RedisScript,
  key: string,
  args: readonly string[],
): Promise<unknown> {
  try {
    return await client.sendCommand(['EVALSHA', sha, '1', key, ...args]);
  } catch (error) {
    if (!startsWith(error, 'NOSCRIPT')) throw error;
    return await client.sendCommand(['EVAL', text, '1', key, ...args]);
  }
}

/** The one funnel for faults: whatever the driver throws becomes "nobody knows". */
export async function attempt<T>(operation: string, command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (cause) {
    throw new SessionStoreUnavailableError('redis', operation, cause);
  }
}

/**
 * The text under a key; `null` when there is none. A value of another type reads as the empty
 * text, which no codec takes.
 *
 * @throws {SessionStoreUnavailableError}
 */
export async function getText(
  client: RedisClient,
  operation: string,
  key: string,
): Promise<string | null> {
  try {
    const text = await client.sendCommand(['GET', key]);
    return typeof text === 'string' ? text : null;
  } catch (cause) {
    if (startsWith(cause, 'WRONGTYPE')) return '';
    throw new SessionStoreUnavailableError('redis', operation, cause);
  }
}

/** Redis's own instant, in milliseconds since the epoch. */
export async function redisTime(client: RedisClient): Promise<number> {
  const reply = await client.sendCommand(['TIME']);
  if (!Array.isArray(reply)) throw new TypeError('TIME did not answer a list');
  return Number(reply[0]) * 1_000 + Math.floor(Number(reply[1]) / 1_000);
}

export function script(text: string): RedisScript {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** Whether Redis itself said no, by its code; else the command was not answered, and may have been carried out. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && /^[A-Z]+ /.test(error.message);
}

function startsWith(error: unknown, code: string): boolean {
  return error instanceof Error && error.message.startsWith(code);
}
