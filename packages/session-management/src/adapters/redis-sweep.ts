import type { KeyNames, RedisClient } from '../types/index.ts';
import { attempt } from './redis-script.ts';

/** A digest, with the realm before it outside of `web`. Other names that begin as the document's are nobody's of ours. */
const OF_SESSION = /^([a-z][a-z0-9-]{0,31}:)?[\w-]{43}$/;

/** How many keys Redis looks at in one step. */
const STEP = '500';

/**
 * Takes away every copy and every tombstone that one master holds under names of ours; how many. A key
 * under another name stays, as does a value of another type.
 *
 * @param client - A connection to that master.
 */
export async function dropCopies(
  client: RedisClient,
  names: KeyNames,
  onProgress: (keys: number) => void,
): Promise<number> {
  let dropped = 0;
  const [sessions, users] = [names.session(''), names.users];
  for (const start of [sessions, users]) {
    for await (const found of keysOf(client, `${start}*`)) {
      const keys = found.filter(
        (key) => start === users || OF_SESSION.test(key.slice(start.length)),
      );
      // One key a command, since those of a cluster's master may be of any of its slots.
      const replies = await Promise.all(
        keys.map((key) => attempt('drop', () => client.sendCommand(['UNLINK', key]))),
      );
      dropped += replies.filter((reply) => Number(reply) === 1).length;
      onProgress(dropped);
    }
  }
  return dropped;
}

/** `SCAN` gives every key that is there from beginning to end, some of them twice. */
async function* keysOf(client: RedisClient, pattern: string): AsyncGenerator<string[]> {
  let cursor = '0';
  do {
    const step = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', STEP, 'TYPE', 'string'];
    const reply = await attempt('scan', () => client.sendCommand(step));
    if (!Array.isArray(reply) || !Array.isArray(reply[1])) {
      throw new TypeError('SCAN did not answer a cursor and a list');
    }
    cursor = String(reply[0]);
    yield reply[1].map(String);
  } while (cursor !== '0');
}
