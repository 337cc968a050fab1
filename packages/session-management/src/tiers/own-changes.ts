import { namesOf } from '../policy/key-names.ts';
import type {
  CarriedChange,
  FastStoreMasters,
  KeyNamesSource,
  LiveSession,
  Outbox,
  SessionCopy,
  UserCopy,
} from '../types/index.ts';
import type { FastCopies } from './fast-copies.ts';

/** How long a change waits for others before its rows are deleted, in milliseconds. */
const GATHER = 20;
/** Changes of one statement, and how many wait at most: what is left over the carrier deletes. */
const BATCH = 500;
const MOST = 5_000;
/** A tombstone stands for every version. */
const ANY_VERSION = Number.MAX_SAFE_INTEGER;

export interface OwnChangeParts {
  copies: Pick<FastCopies, 'sessions' | 'users' | 'fill' | 'isLate'>;
  masters: Pick<FastStoreMasters, 'ownerOf'>;
  names: KeyNamesSource;
  outbox: Pick<Outbox, 'deleteCarried'>;
  /** Runs what may fail without harm, behind the answer. */
  settle(operation: string, work: () => Promise<unknown>): Promise<void>;
}

/**
 * Carries what this process has changed to the fast copies, before the caller is told; then, behind the answer,
 * takes back the rows that would have others carry it. What fails is left to the carrier.
 */
export class OwnChanges {
  readonly #parts: OwnChangeParts;
  readonly #carried: CarriedChange[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: OwnChangeParts) {
    this.#parts = parts;
  }

  /** Puts tombstones. */
  async end(digests: readonly string[], realm: string): Promise<void> {
    const names = namesOf(this.#parts.names);
    const keys = digests.map((digest) => names.session(digest, realm));
    const owners = keys.map((key) => this.#ownerOf(key));
    await this.#parts.copies.sessions.end(digests, realm);
    digests.forEach((digest, place) => {
      const change = { kind: 'session', key: digest, version: ANY_VERSION } as const;
      this.#note(change, keys[place] ?? '', owners[place] ?? null);
    });
  }

  /**
   * Replaces the copy of a session where there is one.
   *
   * @param sentAt - When the record was asked (monotonic): what was long under way is left to the carrier.
   */
  replace(session: SessionCopy, sentAt: number): Promise<void> {
    return this.#follow(session, sentAt, () => this.#parts.copies.sessions.replace(session));
  }

  /** Puts the copy of a session, also where none is. */
  put(session: SessionCopy, sentAt: number): Promise<void> {
    return this.#follow(session, sentAt, () => this.#parts.copies.sessions.put(session));
  }

  /** Puts both copies. */
  fill(live: LiveSession, sentAt: number): Promise<void> {
    return this.#follow(live.session, sentAt, () => this.#parts.copies.fill(live, sentAt));
  }

  async putUser(copy: UserCopy): Promise<void> {
    const { id } = copy.user;
    const key = namesOf(this.#parts.names).user(id);
    const owner = this.#ownerOf(key);
    await this.#parts.copies.users.put(copy);
    this.#note({ kind: 'user', key: id, version: copy.version }, key, owner);
  }

  /** Deletes what waits. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (this.#carried.length > 0) await this.#deleteSome();
  }

  async #follow(
    { digest, realm, version }: SessionCopy,
    sentAt: number,
    write: () => Promise<void>,
  ): Promise<void> {
    if (this.#parts.copies.isLate(sentAt)) return;
    const key = namesOf(this.#parts.names).session(digest, realm);
    const owner = this.#ownerOf(key);
    await write();
    this.#note({ kind: 'session', key: digest, version }, key, owner);
  }

  #ownerOf(key: string): string | null {
    return this.#parts.masters.ownerOf(key);
  }

  /** Only what the same master took that was asked. */
  #note(change: Omit<CarriedChange, 'master'>, key: string, master: string | null): void {
    if (master === null || this.#ownerOf(key) !== master || this.#carried.length >= MOST) return;
    this.#carried.push({ ...change, master });
    this.#timer ??= setTimeout(() => void this.flush(), GATHER).unref();
  }

  #deleteSome(): Promise<void> {
    const some = this.#carried.splice(0, BATCH);
    return this.#parts.settle('carried', () => this.#parts.outbox.deleteCarried(some));
  }
}
