import { hash } from 'node:crypto';
import {
  type Deployment,
  type KeyNames,
  type KeyNamesSource,
  SessionStoreUnavailableError,
} from '../types/index.ts';
import { DEFAULT_REALM } from './limits.ts';
import { shortUuid } from './packed.ts';

const TAG = 6;
const CHECK = 7;

/** What may stand before all names: nothing that a pattern or a cluster's slot would read otherwise. */
export const KEY_PREFIX = /^[\w:.-]{0,32}$/;

/** @param prefix - Stands before every name. */
export function keyNames(deployment: Deployment, prefix = ''): KeyNames {
  const { database, era, schema, system } = deployment;
  const whole = hash('sha256', JSON.stringify([system, database, schema, era]), 'base64url');
  const tag = whole.slice(0, TAG);
  const sessions = `${prefix}session:`;
  const users = `${prefix}su:${tag}:`;
  return Object.freeze({
    prefix,
    tag,
    users,
    intents: `${prefix}si:${tag}:ends`,
    session: (digest: string, realm: string = DEFAULT_REALM) =>
      realm === DEFAULT_REALM ? sessions + digest : `${sessions}${realm}:${digest}`,
    // What is no uuid has a colon more, so that no id can look like the short form of another.
    user: (userId: string) => users + (shortUuid(userId) ?? `:${userId}`),
    attempts: (name: string) => `${prefix}sl:${tag}:${name}`,
    digestIn: (key: string) =>
      key.startsWith(sessions) ? key.slice(key.lastIndexOf(':') + 1) : null,
    check: (digest: string) => hash('sha256', whole + digest, 'base64url').slice(0, CHECK),
  });
}

/** Names without a record: of an adapter that stands alone, and of stores in the memory of a process. */
export const ALONE: KeyNamesSource = withNames(
  keyNames({ system: null, database: '', schema: '', era: 0 }),
);

export function withNames(names: KeyNames): KeyNamesSource {
  return { current: () => names };
}

/** @throws {SessionStoreUnavailableError} while it is not known what is ours. */
export function namesOf(source: KeyNamesSource): KeyNames {
  const names = source.current();
  if (names === null) throw new SessionStoreUnavailableError('redis', 'names');
  return names;
}
