import { LRUCache } from 'lru-cache';
import { spanOf } from '../policy/copy-span.ts';
import type { Timing } from '../policy/limits.ts';
import type {
  HeldUser,
  KeyNames,
  KeyNamesSource,
  KnownSession,
  LiveSession,
  MonotonicClock,
  NearCopiesHealth,
  PushFeed,
  PushSource,
  SessionUse,
  StoreClock,
} from '../types/index.ts';
import { Leases, type Reading } from './leases.ts';
import { bytesOf, entryOf, type NearEntry, type NearUser, usedBy } from './near-entry.ts';
import { SharedTexts } from './shared-texts.ts';

/** How many near copies, and of about how many bytes, one process keeps. No entries: none. */
export interface NearSize {
  entries: number;
  bytes: number;
}

/** A session and its user, and the keys that they were read under. */
export interface NearReading {
  live: LiveSession;
  held: HeldUser;
  names: KeyNames;
  keys: { session: string; user: string };
}

export interface NearParts {
  pushes: PushSource;
  names: KeyNamesSource;
  clock: StoreClock;
  monotonic: MonotonicClock;
  timing: Timing;
  /** A number from 0 to 1, for jitter. */
  random(): number;
  /**
   * A copy in use is told of, once a second, and as soon as it is worth confirming (`isDue`). `use` is
   * `null` in a grace.
   */
  recalled(digest: string, use: SessionUse | null, isDue: boolean): void;
}

/** How many User-Agents are remembered, so that copies share them. */
const AGENTS = 1_000;
/** How long a copy answers at most before its use is told of again, in milliseconds. */
const NOTE_EVERY = 1_000;

/**
 * Fast copies, decoded, in the memory of this process, kept true by the fast store's pushes.
 *
 * Made only of what was just read on a connection that tells of changes. Believed while nothing was
 * told of either key, the connection was heard of within the last second, the copy was confirmed
 * within F, and the session has not reached its end. Bounded in number and bytes: what was least
 * recently used, within a second, goes first.
 */
export class NearCopies {
  readonly #parts: NearParts;
  readonly #leases: Leases;
  /** By key. */
  readonly #users = new Map<string, NearUser>();
  readonly #agents = new SharedTexts(AGENTS);
  /** In the order of use, which is noted once a second; `null`: off. */
  readonly #entries: LRUCache<string, NearEntry> | null;
  readonly #stop: () => void;
  #hits = 0;
  #asked = 0;

  constructor(parts: NearParts, { bytes, entries }: NearSize) {
    this.#parts = parts;
    const isOff = entries === 0 || bytes === 0;
    const pushes = isOff ? NO_PUSHES : parts.pushes;
    this.#leases = new Leases(pushes);
    this.#stop = pushes.onChange((key) => this.#changed(key));
    this.#entries = isOff ? null : this.#newEntries(entries, bytes);
  }

  /** What may be answered by the copy of this digest, now, without asking anybody. */
  recall(digest: string): KnownSession | null {
    this.#asked += 1;
    const entry = this.#entries?.peek(digest);
    if (entry === undefined || !entry.owner.current) return null;

    const { clock, monotonic, names } = this.#parts;
    if (entry.owner.names !== names.current()) return null;
    const steady = monotonic.now();
    if (steady >= entry.feed.heardUntil || steady >= entry.owner.feed.heardUntil) return null;

    const now = clock.at(steady);
    if (now === null || now < entry.from || now >= entry.until) return null;
    this.#hits += 1;
    if (steady >= entry.nextNoteAt) this.#note(entry, steady, now);
    return entry;
  }

  /** Leases of one lookup. Whoever begins it ends it. */
  begin(): Reading {
    return this.#leases.begin();
  }

  /** Keeps what was read, unless something happened to one of the two keys since the read was sent. */
  keep(read: NearReading, reading: Reading): void {
    const { keys, live } = read;
    const { digest, userAgent } = live.session;
    const feed = reading.feedOf(keys.session);
    const ownerFeed = reading.feedOf(keys.user);
    if (this.#entries === null || feed === null || ownerFeed === null) return;

    const { random, timing } = this.#parts;
    const owner = this.#ownerOf(read, ownerFeed);
    const agent = userAgent === null ? null : this.#agents.shared(userAgent);
    const entry = entryOf(live, spanOf(live.session, timing.F, random()), feed, owner, agent);
    owner.copies += 1;
    this.#entries.set(digest, entry);
  }

  forgetSession(digest: string): void {
    this.#entries?.delete(digest);
  }

  forgetUser(userId: string): void {
    const key = this.#parts.names.current()?.user(userId);
    if (key !== undefined) this.#forgetOwner(key);
  }

  /** What stands under the user's key, as far as near copies of its sessions know. */
  heldOf(userId: string): Pick<HeldUser, 'version' | 'writtenAt'> | undefined {
    return this.#users.get(this.#parts.names.current()?.user(userId) ?? '');
  }

  /** Something that was confirmed before is not to be believed, nobody knows what. */
  forgetAll(): void {
    this.#entries?.clear();
  }

  health(): NearCopiesHealth {
    return { entries: this.#entries?.size ?? 0, asked: this.#asked, hits: this.#hits };
  }

  close(): void {
    this.#stop();
    this.#entries?.clear();
  }

  #note(entry: NearEntry, steady: number, now: number): void {
    const isDue = now >= entry.ahead;
    entry.nextNoteAt = steady + (isDue ? NOTE_EVERY : Math.min(NOTE_EVERY, entry.ahead - now));
    this.#entries?.get(entry.digest);
    this.#parts.recalled(entry.digest, usedBy(entry), isDue);
  }

  /** Any session's or user's key; what is no key of ours is nothing of ours. */
  #changed(key: string): void {
    this.#leases.break(key);
    this.#forgetOwner(key);
    const digest = this.#parts.names.current()?.digestIn(key) ?? null;
    if (digest !== null) this.forgetSession(digest);
  }

  #forgetOwner(key: string): void {
    const owner = this.#users.get(key);
    if (owner === undefined) return;
    owner.current = false;
    this.#users.delete(key);
  }

  /** Two reads of an unchanged user are one user. */
  #ownerOf({ held, keys, names }: NearReading, feed: PushFeed): NearUser {
    const { version, writtenAt } = held;
    const known = this.#users.get(keys.user);
    if (known?.feed === feed && known.version === version && known.names === names) return known;
    this.#forgetOwner(keys.user);
    const owner = { key: keys.user, names, version, writtenAt, feed, current: true, copies: 0 };
    this.#users.set(keys.user, owner);
    return owner;
  }

  #newEntries(entries: number, bytes: number): LRUCache<string, NearEntry> {
    return new LRUCache<string, NearEntry>({
      max: entries,
      maxSize: bytes,
      sizeCalculation: bytesOf,
      dispose: ({ owner }) => this.#dropped(owner),
    });
  }

  #dropped(owner: NearUser): void {
    owner.copies -= 1;
    const { copies, key } = owner;
    if (copies === 0 && this.#users.get(key) === owner) this.#users.delete(key);
  }
}

const NO_PUSHES: PushSource = { feedOf: () => null, onChange: () => () => undefined };
