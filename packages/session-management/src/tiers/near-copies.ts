import { LRUCache } from 'lru-cache';
import { type CopySpan, spanOf } from '../policy/copy-span.ts';
import type { Timing } from '../policy/limits.ts';
import { digestInKey, sessionKey, userIdInKey, userKey } from '../policy/session-id.ts';
import { sessionOf } from '../policy/session-view.ts';
import type {
  KnownSession,
  LiveSession,
  MonotonicClock,
  NearCopiesHealth,
  PushFeed,
  PushSource,
  SafeUser,
  Session,
  StoreClock,
} from '../types/index.ts';
import { Leases, type Reading } from './leases.ts';

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
  /** A copy in use is told of, once a second; `isDue`: it is worth confirming. */
  recalled(live: LiveSession, isDue: boolean): void;
}

/** A user as several near copies share it. */
interface NearUser {
  feed: PushFeed;
  current: boolean;
  copies: number;
}

interface Entry extends KnownSession {
  readonly shown: Session;
  readonly user: SafeUser;
  readonly live: LiveSession;
  readonly span: CopySpan;
  readonly feed: PushFeed;
  readonly owner: NearUser;
  current: boolean;
  /** Monotonic, ms. */
  nextNoteAt: number;
}

/** How long a copy answers before its use is told of again, in milliseconds. */
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
  readonly #entries = new Map<string, Entry>();
  /** The same entries, in the order of use. Every answer reads the map, which is cheaper. */
  readonly #order: LRUCache<string, Entry> | null;
  readonly #stop: () => void;
  #hits = 0;
  #asked = 0;

  constructor(parts: NearParts, { bytes, entries }: NearSize) {
    this.#parts = parts;
    const isOff = entries === 0 || bytes === 0;
    const pushes = isOff ? NO_PUSHES : parts.pushes;
    this.#leases = new Leases(pushes);
    this.#stop = pushes.onChange((key) => this.#changed(key));
    this.#order = isOff ? null : this.#newOrder(entries, bytes);
  }

  /** What may be answered by the copy of this digest, now, without asking anybody. */
  recall(digest: string): KnownSession | null {
    this.#asked += 1;
    const entry = this.#entries.get(digest);
    if (entry === undefined || !entry.current || !entry.owner.current) return null;

    const { clock, monotonic } = this.#parts;
    const steady = monotonic.now();
    if (steady >= entry.feed.heardUntil || steady >= entry.owner.feed.heardUntil) return null;

    const now = clock.at(steady);
    if (now === null || now < entry.span.from || now >= entry.span.until) return null;
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
    const { digest, realm, userId } = live.session;
    const feed = reading.feedOf(sessionKey(digest, realm));
    const ownerFeed = reading.feedOf(userKey(userId));
    if (this.#order === null || feed === null || ownerFeed === null) return;

    const { random, timing } = this.#parts;
    const owner = this.#ownerOf(userId, ownerFeed);
    const entry: Entry = {
      shown: sessionOf(live.session),
      user: Object.freeze(live.user.user),
      live,
      span: spanOf(live, timing.F, random()),
      feed,
      owner,
      current: true,
      nextNoteAt: 0,
    };
    owner.copies += 1;
    this.#order.set(digest, entry);
    if (this.#order.peek(digest) === entry) this.#entries.set(digest, entry);
  }

  forgetSession(digest: string): void {
    const entry = this.#entries.get(digest);
    if (entry !== undefined) entry.current = false;
  }

  forgetUser(userId: string): void {
    const owner = this.#users.get(userId);
    if (owner === undefined) return;
    owner.current = false;
    this.#users.delete(userId);
  }

  health(): NearCopiesHealth {
    return { entries: this.#entries.size, asked: this.#asked, hits: this.#hits };
  }

  close(): void {
    this.#stop();
    this.#order?.clear();
  }

  #note(entry: Entry, steady: number, now: number): void {
    entry.nextNoteAt = steady + NOTE_EVERY;
    this.#order?.get(entry.live.session.digest);
    this.#parts.recalled(entry.live, now >= entry.span.ahead);
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

  #newOrder(entries: number, bytes: number): LRUCache<string, Entry> {
    return new LRUCache<string, Entry>({
      max: entries,
      maxSize: bytes,
      sizeCalculation: ({ live }) => bytesOf(live),
      dispose: (entry, digest) => this.#dropped(entry, digest),
    });
  }

  #dropped(entry: Entry, digest: string): void {
    if (this.#entries.get(digest) === entry) this.#entries.delete(digest);
    const { live, owner } = entry;
    owner.copies -= 1;
    const { userId } = live.session;
    if (owner.copies === 0 && this.#users.get(userId) === owner) this.#users.delete(userId);
  }
}

const NO_PUSHES: PushSource = { feedOf: () => null, onChange: () => () => undefined };

/** Objects, numbers, digest, handle and the user's id, by measurement (`npm run bench`). */
const FIXED_BYTES = 600;

/** About what a near copy holds of the heap: one byte a character, as V8 keeps Latin-1. */
function bytesOf({ session, user }: LiveSession): number {
  return (
    FIXED_BYTES + session.ip.length + (session.userAgent?.length ?? 0) + user.user.email.length
  );
}
