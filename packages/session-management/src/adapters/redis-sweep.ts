import type { RedisClient } from '../types/index.ts';
import { attempt } from './redis-script.ts';

/** The keys of all copies, of every realm. */
const PATTERNS = ['session:*', 'user:*'];

/** How many keys Redis looks at in one step. */
const STEP = '500';

/**
 * Takes away every copy and every tombstone that one master holds; how many. Other applications'
 * values of another type stay, whatever their names.
 *
 * @param client - A connection to that master.
 */
export async function dropCopies(
  client: RedisClient,
  onProgress: (keys: number) => void,
): Promise<number> {
  let dropped = 0;
  for (const pattern of PATTERNS) {
    for await (const keys of keysOf(client, pattern)) {
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
