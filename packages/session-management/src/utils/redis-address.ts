import { ConfigurationInvalidError } from '../types/index.ts';
import { FRAGMENT, notRead, refusalWords } from './url-parameters.ts';

export interface RedisNode {
  host: string;
  port: number;
}

/** What every node of a Redis is spoken to with. */
interface RedisAccess {
  username: string | undefined;
  password: string | undefined;
  tls: boolean;
}

/** Where a Redis is. Sentinels name its master; the nodes of a cluster name each other. */
export type RedisAddress =
  | { shape: 'single'; url: string }
  | { shape: 'sentinel'; nodes: RedisNode[]; master: string; database: number; access: RedisAccess }
  | { shape: 'cluster'; nodes: RedisNode[]; access: RedisAccess };

const TAKES =
  'redis://host:port/database, rediss://, redis+sentinel://host1,host2,host3/master-name/database or redis+cluster://host1,host2,host3';

const ONE_DATABASE = 'a cluster has the database 0 alone. Do: remove what stands after the hosts';

/** `scheme://user:password@host1:port,host2/…`: several hosts are more than `URL` reads. */
const LIST =
  /^redis(s?)\+(sentinel|cluster):\/\/(?:([^:@/?#]*)(?::([^@/]*))?@)?([^/?#]+)(?:\/([^/?#]*)(?:\/(\d+))?)?\/?([?#].*)?$/;

const DEFAULT_PORT = { sentinel: 26_379, cluster: 6_379 };

/** What has the meaning here of a parameter that other clients read. */
const INSTEAD = new Map([
  ['db', 'write the number of the database after the host: /1'],
  ['password', 'write it before the host: redis://:password@host'],
  ['ssl', 'write rediss://'],
  ['tls', 'write rediss://'],
]);

/**
 * The number of the database is the path: 0 unless told, and in a cluster.
 * @throws {ConfigurationInvalidError} which never repeats the URL: it may hold a password. Parameters
 *   are refused by name, since nobody reads them.
 */
export function parseRedisAddress(url: string): RedisAddress {
  if (isSingle(url)) {
    const { hash, password, search, username } = new URL(url);
    refuseRest(search + hash);
    for (const text of [username, password]) decoded(text);
    return { shape: 'single', url };
  }

  const [matched, tls, shape, username, password, hosts = '', name, database, rest = ''] =
    LIST.exec(url) ?? [];
  if (matched === undefined || (shape !== 'sentinel' && shape !== 'cluster')) throw unreadable();
  refuseRest(rest);
  const nodes = hosts.split(',').map((host) => nodeOf(host, DEFAULT_PORT[shape]));
  const access = {
    username: username ? decoded(username) : undefined,
    password: password ? decoded(password) : undefined,
    tls: tls === 's',
  };
  if (shape === 'cluster') {
    if (database !== undefined || !/^0?$/.test(name ?? '')) throw refusal(ONE_DATABASE);
    return { shape, nodes, access };
  }
  if (!name) throw unreadable();
  return {
    shape,
    nodes,
    master: decoded(name),
    database: Number(database ?? 0),
    access,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Without its cause: the text may be a password.
    throw unreadable();
  }
}

function isSingle(url: string): boolean {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) return false;
  return /^(\/\d*)?$/.test(new URL(url).pathname);
}

/** @param rest - From `?` or `#` on. */
function refuseRest(rest: string): void {
  const [search = '', ...fragment] = rest.split('#');
  if (fragment.some((part) => part !== '')) throw refusal(FRAGMENT);
  const names = [...new Set(new URLSearchParams(search).keys())];
  if (names.length === 0) return;
  const refused = names.map((name) => notRead(name, INSTEAD.get(name)));
  throw refusal(refusalWords(search, refused, 'none'));
}

function nodeOf(text: string, defaultPort: number): RedisNode {
  const [, bracketed, plain, port] =
    /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw unreadable();
  return { host, port: port === undefined ? defaultPort : Number(port) };
}

function refusal(words: string): ConfigurationInvalidError {
  return new ConfigurationInvalidError(`REDIS_URL: ${words}`);
}

function unreadable(): ConfigurationInvalidError {
  return new ConfigurationInvalidError(`REDIS_URL takes ${TAKES}; it got something else`);
}
