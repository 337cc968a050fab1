import { decodePlain } from '../policy/plain-session.ts';
import type { PlainSession, PlainSessions, RedisClient } from '../types/index.ts';
import { attempt, DISCARD, getText, runScript } from './redis-script.ts';

/** The keys that processes of the document's design write: `session:{sessionId}`, the id as it is, and no prefix of ours. */
export class RedisPlainSessions implements PlainSessions {
  readonly #client: RedisClient;

  constructor(client: RedisClient) {
    this.#client = client;
  }

  async read(sessionId: string): Promise<PlainSession | null> {
    const text = await getText(this.#client, 'read-plain', keyOf(sessionId));
    const data = text === null ? null : decodePlain(text);
    return text === null || data === null ? null : { text, data };
  }

  async remove(sessionId: string, { text }: PlainSession): Promise<void> {
    const key = keyOf(sessionId);
    await attempt('remove-plain', () => runScript(this.#client, DISCARD, key, [text]));
  }
}

function keyOf(sessionId: string): string {
  return `session:${sessionId}`;
}
