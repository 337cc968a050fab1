import { LRUCache } from 'lru-cache';
import { spanOf } from '../policy/copy-span.ts';
import type { Timing } from '../policy/limits.ts';
import { digestInKey, sessionKey, userIdInKey, userKey } from '../policy/session-id.ts';
import type {
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

export interface NearParts {
  pushes: PushSource;
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

    const { clock, monotonic } = this.#parts;
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
  keep(live: LiveSession, reading: Reading): void {
    const { digest, realm, userAgent, userId } = live.session;
    const feed = reading.feedOf(sessionKey(digest, realm));
    const ownerFeed = reading.feedOf(userKey(userId));
    if (this.#entries === null || feed === null || ownerFeed === null) return;

    const { random, timing } = this.#parts;
    const owner = this.#ownerOf(userId, ownerFeed);
    const agent = userAgent === null ? null : this.#agents.shared(userAgent);
    const entry = entryOf(live, spanOf(live, timing.F, random()), feed, owner, agent);
    owner.copies += 1;
    this.#entries.set(digest, entry);
  }

  forgetSession(digest: string): void {
    this.#entries?.delete(digest);
  }

  forgetUser(userId: string): void {
    const owner = this.#users.get(userId);
    if (owner === undefined) return;
    owner.current = false;
    this.#users.delete(userId);
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
    const userId = userIdInKey(key);
    if (userId !== null) this.forgetUser(userId);
    const digest = digestInKey(key);
    if (digest !== null) this.forgetSession(digest);
  }

  /** Two reads of an unchanged user are one user. */
  #ownerOf(userId: string, feed: PushFeed): NearUser {
    const known = this.#users.get(userId);
    if (known?.feed === feed) return known;
    if (known !== undefined) known.current = false;
    const owner = { feed, current: true, copies: 0 };
    this.#users.set(userId, owner);
    return owner;
  }

  #newEntries(entries: number, bytes: number): LRUCache<string, NearEntry> {
    return new LRUCache<string, NearEntry>({
      max: entries,
      maxSize: bytes,
      sizeCalculation: bytesOf,
      dispose: ({ owner, shown }) => this.#dropped(owner, shown.userId),
    });
  }

  #dropped(owner: NearUser, userId: string): void {
    owner.copies -= 1;
    if (owner.copies === 0 && this.#users.get(userId) === owner) this.#users.delete(userId);
  }
}

const NO_PUSHES: PushSource = { feedOf: () => null, onChange: () => () => undefined };
