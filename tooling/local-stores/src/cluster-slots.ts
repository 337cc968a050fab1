import { ask } from './redis-command.ts';

const KEYS_AT_ONCE = '100';
const MIGRATE_TIMEOUT_MS = '5000';

/** What a cluster node says of itself. */
export interface Claim {
  readonly port: number;
  readonly isMaster: boolean;
  readonly configEpoch: number;
  readonly ranges: readonly (readonly [from: number, to: number])[];
  /** How many replicas the whole cluster has, as this node knows. */
  readonly replicasKnown: number;
}

/** What each node says that answers. */
export async function claimsOf(ports: readonly number[]): Promise<Claim[]> {
  const answers = await Promise.allSettled(ports.map(claimOf));
  return answers.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
}

/** The master that serves a slot, null while there is none. The highest epoch is right. */
export function ownerOf(slot: number, claims: readonly Claim[]): number | null {
  const [owner] = claims
    .filter(({ isMaster, ranges }) => isMaster && covers(ranges, slot))
    .sort((a, b) => b.configEpoch - a.configEpoch);
  return owner?.port ?? null;
}

export interface SlotMove {
  readonly slot: number;
  readonly from: number;
  readonly to: number;
  /** All masters, the two included. */
  readonly masters: readonly number[];
  /** Runs when the keys are there and the slot is not. */
  readonly between: () => Promise<void>;
}

/** Moves a slot as `redis-cli --cluster reshard` does, while clients use it. */
export async function moveSlot({ slot, from, to, masters, between }: SlotMove): Promise<void> {
  const number = String(slot);
  const [source, target] = [await idOf(from), await idOf(to)];
  await ask(to, 'CLUSTER', 'SETSLOT', number, 'IMPORTING', source);
  await ask(from, 'CLUSTER', 'SETSLOT', number, 'MIGRATING', target);
  await moveKeys(number, from, to);
  await between();
  // The new master first: only then it may claim the slot towards the others.
  for (const port of [to, from, ...masters.filter((each) => each !== to && each !== from)]) {
    await ask(port, 'CLUSTER', 'SETSLOT', number, 'NODE', target);
  }
}

async function moveKeys(slot: string, from: number, to: number): Promise<void> {
  const rest = ['127.0.0.1', String(to), '', '0', MIGRATE_TIMEOUT_MS, 'KEYS'];
  for (;;) {
    const keys = await ask(from, 'CLUSTER', 'GETKEYSINSLOT', slot, KEYS_AT_ONCE);
    if (!Array.isArray(keys) || keys.length === 0) return;
    await ask(from, 'MIGRATE', ...rest, ...keys.map(String));
  }
}

async function idOf(port: number): Promise<string> {
  return String(await ask(port, 'CLUSTER', 'MYID'));
}

async function claimOf(port: number): Promise<Claim> {
  const lines = String(await ask(port, 'CLUSTER', 'NODES'))
    .trim()
    .split('\n');
  const [, , flags = '', , , , epoch, , ...slots] =
    lines.find((line) => line.includes('myself'))?.split(' ') ?? [];
  return {
    port,
    isMaster: flags.includes('master'),
    configEpoch: Number(epoch),
    // Those in brackets are on their way, not served by right.
    ranges: slots.filter((text) => !text.startsWith('[')).map(rangeIn),
    replicasKnown: lines.filter((line) => /slave /.test(line)).length,
  };
}

function rangeIn(text: string): readonly [number, number] {
  const [from = '', to = from] = text.split('-');
  return [Number(from), Number(to)];
}

function covers(ranges: Claim['ranges'], slot: number): boolean {
  return ranges.some(([from, to]) => from <= slot && slot <= to);
}
