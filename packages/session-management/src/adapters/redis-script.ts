import { createHash } from 'node:crypto';
import { LIMITS } from '../policy/limits.ts';
import { type RedisClient, SessionStoreUnavailableError } from '../types/index.ts';

/** A script on one key. It is sent by its hash; Redis learns the text when it does not know it. */
export interface RedisScript {
  text: string;
  sha: string;
}

/*
 * The order of copies, as `policy/copy-order.ts` says it. Texts are looked at by pattern and numbers
 * compared as numbers; whatever is stored, no script fails on it. A key of another type counts as
 * nothing: SET takes its place.
 */
const { FILL, FUTURE, SETTLED, USER_KEY } = LIMITS;

const HELD = `
local held = redis.pcall('GET', KEYS[1])
local function number(text)
  local value = text and tonumber(text, 36)
  if value and value < 9007199254740992 then return value end
end
local function ahead(instant)
  local time = redis.call('TIME')
  return instant > time[1] * 1000 + time[2] / 1000 + ${FUTURE}
end
`;

/** Ranks what is held under a session's key; `check` is empty for whosever it is. */
const SESSION = `${HELD}
local function rank(check)
  if type(held) ~= 'string' then return nil end
  local tomb = string.match(held, '^{"tombstone":"(.......)"}$')
  if tomb and (check == '' or tomb == check) then return 'tombstone' end
  local found, version, confirmed =
    string.match(held, ',"s":"(.......)([0-9a-z]+)%.([0-9a-z]+)%.[%w_.~-]*"}$')
  if not found or (check ~= '' and found ~= check) then return nil end
  version, confirmed = number(version), number(confirmed)
  if version and confirmed then return {version = version, confirmed = confirmed} end
end
`;

/** ARGV: text, time to live (ms), version, confirmed, check, 'put' or 'replace'. Answers whether it wrote. */
export const WRITE_COPY = script(`${SESSION}
if ARGV[6] == 'replace' and held == false then return 0 end
local there = rank(ARGV[5])
if there == 'tombstone' then return 0 end
if there then
  local version, later = tonumber(ARGV[3]), tonumber(ARGV[4]) - there.confirmed
  local wins = version > there.version or (version == there.version and later >= 0)
  local dated = later > ${SETTLED + FILL} or (later < -${SETTLED + FILL} and ahead(there.confirmed))
  if not wins and not dated then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

/** ARGV: text, time to live (ms). For the adapter alone: answers what forbade it, whosever it is. */
export const SET_PLAIN = script(`${SESSION}
local there = rank('')
if there == 'tombstone' then return 'revoked' end
if there then return 'managed' end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 'set'
`);

const USER = `${HELD}
local version, written, kind
if type(held) == 'string' then
  version, written, kind = string.match(held, '^([0-9a-z]+)%.([0-9a-z]+)([.!].*)$')
  version, written = number(version), number(written)
  local isMark = kind == '!' or kind == '!!'
  if not (version and written) then kind = nil
  elseif not isMark then kind = string.match(kind, '^%.') end
end
local next = tonumber(ARGV[3])
`;

/** ARGV: text, time to live (ms), version, confirmed. */
export const FILL_USER = script(`${USER}
if kind and next <= version then
  if kind == '!!' then return 0 end
  if next == version then
    if kind == '.' and redis.call('PTTL', KEYS[1]) > ${USER_KEY / 2} then return 0 end
  else
    local later = tonumber(ARGV[4]) - written
    if later <= ${SETTLED} and not (later < -${SETTLED + FILL} and ahead(written)) then return 0 end
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

/**
 * ARGV: text, time to live (ms), version, then the same two for where no copy is: a change leaves its
 * mark there. ARGV[6] is 'ends' for a deletion. The flag lets it work in a Redis that is full.
 */
export const RAISE_USER = script(`#!lua flags=allow-oom${USER}
if kind and (next < version or (next == version and (ARGV[6] ~= 'ends' or kind == '!!'))) then return 0 end
if kind and kind ~= '!' then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
else redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5]) end
return 1
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
