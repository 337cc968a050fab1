import {
  type MasterNames,
  type Outbox,
  type OutboxPlace,
  type OutboxRow,
  SessionStoreUnavailableError,
} from '../../src/types/index.ts';

interface Written extends Omit<OutboxRow, 'ageMs'> {
  at: number;
}

const LEASE = 3_000;

/** What the record keeps for propagation, in memory, by the faked clock. Each statement takes `latency` ms. */
export class MemoryRecord {
  readonly rows = new Map<string, Written>();
  since = new Map<string, number>();
  lease = { owner: '', until: Number.NEGATIVE_INFINITY };
  latency = 0;
  isDown = false;
  /** The statements that were sent, in their order. */
  readonly sent: string[] = [];
  /** Runs before a statement does anything: a test may keep it there. */
  before: (statement: string) => Promise<void> | undefined = () => undefined;
  #next = 1;

  /** Writes a row, in a transaction of its own. */
  write(key: string, given: Partial<OutboxRow> = {}): void {
    const id = String(this.#next);
    this.#next += 1;
    const row = { xact: id, id, kind: 'session', realm: 'web', isEnd: false } as const;
    this.rows.set(id, { ...row, ...given, key, at: Date.now() });
  }

  /** Deletes the rows about a key, as its owner does. */
  take(key: string): void {
    for (const [id, row] of this.rows) if (row.key === key) this.rows.delete(id);
  }

  /** The next transaction has this number, as after a failover. */
  countFrom(next: number): void {
    this.#next = next;
  }

  /** How often a statement was sent. */
  counts(statement: string): number {
    return this.sent.filter((name) => name === statement).length;
  }

  get keys(): string[] {
    return [...this.rows.values()].map(({ key }) => key);
  }

  readonly outbox: Outbox = {
    look: (since, named, limit) =>
      this.#statement('look', () => {
        const isFresh = ({ xact }: Written) => BigInt(xact) >= BigInt(since?.from ?? 0);
        const left = named.flatMap(({ id }) => this.rows.get(id) ?? []);
        const fresh = [...this.rows.values()].filter(isFresh).slice(0, limit);
        return { place: this.#place(), rows: [...new Set([...fresh, ...left])].map(shown) };
      }),
    delete: (rows) =>
      this.#statement('delete', () => {
        const done = rows.filter(({ id, master }) => this.since.has(master) && this.rows.has(id));
        for (const { id } of done) this.rows.delete(id);
        return new Set(done.map(({ id }) => id));
      }),
    deleteCarried: () => Promise.reject(new Error('the carrier knows its rows by their ids')),
    giveUp: (rows) =>
      this.#statement('giveUp', () => {
        for (const { id } of rows) this.rows.delete(id);
      }),
    deleteSeen: ({ from }, limit) =>
      this.#statement('deleteSeen', () => {
        const isSeen = ({ xact }: Written) => BigInt(xact) < BigInt(from);
        const seen = [...this.rows.values()].filter(isSeen).slice(0, limit);
        for (const { id } of seen) this.rows.delete(id);
        return seen.length;
      }),
    depth: () => this.#statement('depth', () => this.rows.size),
  };

  readonly names: MasterNames = {
    hear: () =>
      this.#statement('hear', () => ({
        since: new Map(this.since),
        carrier: this.lease.until > Date.now() ? this.lease.owner : null,
        now: Date.now(),
      })),
    take: (owner) =>
      this.#statement('take', () => {
        if (this.lease.owner !== owner && this.lease.until >= Date.now()) return false;
        this.lease = { owner, until: Date.now() + LEASE };
        return true;
      }),
    renew: (owner) =>
      this.#statement('renew', () => {
        if (this.lease.owner !== owner) return false;
        this.lease = { owner, until: Date.now() + LEASE };
        return true;
      }),
    release: (owner) =>
      this.#statement('release', () => {
        if (this.lease.owner === owner) this.lease.until = Math.min(this.lease.until, Date.now());
      }),
    keepOnly: (owner, masters) =>
      this.#statement('keepOnly', () => {
        if (!this.#holds(owner)) return;
        this.since = new Map([...this.since].filter(([name]) => masters.includes(name)));
      }),
    name: (owner, masters) =>
      this.#statement('name', () => {
        if (!this.#holds(owner)) return;
        const from = Date.now() + 1_000;
        this.since = new Map([...masters.map((name) => [name, from] as const), ...this.since]);
      }),
    raise: (owner) =>
      this.#statement('raise', () => {
        if (!this.#holds(owner)) return false;
        for (const name of this.since.keys()) this.since.set(name, Date.now() + 1_000);
        return true;
      }),
  };

  #place(): OutboxPlace {
    const from = String(this.#next);
    return { snapshot: `${from}:${from}:`, from, open: [] };
  }

  #holds(owner: string): boolean {
    return this.lease.owner === owner && this.lease.until > Date.now();
  }

  async #statement<T>(name: string, run: () => T): Promise<T> {
    this.sent.push(name);
    await this.before(name);
    if (this.latency > 0) await new Promise((resolve) => setTimeout(resolve, this.latency));
    if (this.isDown) throw new SessionStoreUnavailableError('postgres', name);
    return run();
  }
}

function shown({ at, ...row }: Written): OutboxRow {
  return { ...row, ageMs: Date.now() - at };
}
