import { createClient } from '@redis/client';
import { until } from './until.ts';

const PATIENCE_MS = 2_000;

/** Sends one command over a connection of its own. RESP2: lists and texts, no maps. */
export async function ask(port: number, ...command: string[]): Promise<unknown> {
  const client = createClient({
    RESP: 2,
    socket: { host: '127.0.0.1', port, reconnectStrategy: false, connectTimeout: PATIENCE_MS },
    commandOptions: { timeout: PATIENCE_MS },
  });
  // The rejection of the command tells.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

/** Waits until the answer to a command contains a text. */
export async function untilSays(port: number, text: string, ...command: string[]): Promise<void> {
  await until(`${command.join(' ')} on ${port} says ${text}`, async () =>
    String(await ask(port, ...command)).includes(text),
  );
}

/** The fields of a flat list of names and values. */
export function fieldsOf(reply: unknown): ReadonlyMap<string, string> {
  const list = Array.isArray(reply) ? reply.map(String) : [];
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < list.length; i += 2) fields.set(list[i] ?? '', list[i + 1] ?? '');
  return fields;
}
