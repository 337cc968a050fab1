import calculateSlot from 'cluster-key-slot';

/** `host:port` of a node. */
export type NodeAddress = string;

/** Which master owns which of the slots of a cluster, as one of its nodes last said. */
export class SlotMap {
  readonly #owners: (NodeAddress | undefined)[];

  private constructor(owners: (NodeAddress | undefined)[]) {
    this.#owners = owners;
  }

  static readonly empty = new SlotMap([]);

  /**
   * The reply to `CLUSTER SLOTS`: of each range its ends, its master, its replicas.
   *
   * @param host - Of the node that was asked: one that does not know its own address leaves it out.
   * @throws {TypeError} for anything else.
   */
  static from(reply: unknown, host: string): SlotMap {
    if (!Array.isArray(reply)) throw new TypeError('CLUSTER SLOTS did not answer a list');
    const owners: (NodeAddress | undefined)[] = [];
    for (const range of reply) {
      const [first, last, master]: unknown[] = Array.isArray(range) ? range : [];
      const [name, port]: unknown[] = Array.isArray(master) ? master : [];
      for (let slot = Number(first); slot <= Number(last); slot += 1) {
        owners[slot] = `${name ? String(name) : host}:${Number(port)}`;
      }
    }
    return new SlotMap(owners);
  }

  ownerOf(key: string): NodeAddress | null {
    return this.#owners[calculateSlot(key)] ?? null;
  }

  /** Every master that owns a slot. */
  get owners(): Set<NodeAddress> {
    const owners = new Set<NodeAddress>();
    for (const owner of this.#owners) if (owner !== undefined) owners.add(owner);
    return owners;
  }

  /** The same, but for one key, which has moved there. */
  with(key: string, owner: NodeAddress): SlotMap {
    const owners = [...this.#owners];
    owners[calculateSlot(key)] = owner;
    return new SlotMap(owners);
  }
}

/** Where a node sends us for a key: for good (`MOVED`), or this once, while the slot is on its way (`ASK`). */
export interface Redirection {
  kind: 'MOVED' | 'ASK';
  address: NodeAddress;
}

/** @param host - Of the node that says so: it may leave out its own. */
export function redirectionOf(error: unknown, host: string): Redirection | null {
  const message = error instanceof Error ? error.message : '';
  const [, kind, name, port] = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(message) ?? [];
  if (kind !== 'MOVED' && kind !== 'ASK') return null;
  return { kind, address: `${name || host}:${port}` };
}

export function nodeOf(address: NodeAddress): { host: string; port: number } {
  const end = address.lastIndexOf(':');
  return { host: address.slice(0, end), port: Number(address.slice(end + 1)) };
}
