import type { Stage } from './stage.ts';

/** Which processes PostgreSQL tells of changes, by what they say themselves. */
export async function areListening({ applications }: Stage): Promise<'all' | 'none' | 'some'> {
  const said = await Promise.all(applications.map((each) => each.call('propagation')));
  const listening = said.filter(({ outcome }) => isListening(outcome)).length;
  if (listening === 0) return 'none';
  return listening === said.length ? 'all' : 'some';
}

function isListening(outcome: { kind: string; value?: unknown }): boolean {
  return JSON.stringify(outcome.value ?? null).includes('"listening":true');
}
