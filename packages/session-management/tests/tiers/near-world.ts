import { LIMITS } from '../../src/policy/limits.ts';
import type { Reading } from '../../src/tiers/leases.ts';
import { NearCopies, type NearReading } from '../../src/tiers/near-copies.ts';
import type { HeldUser, PushFeed, PushSource, SessionCopy } from '../../src/types/index.ts';
import { NAMES, OURS } from '../names.ts';

const { session: sessionKey, user: userKey } = NAMES;

/** How many near copies this process may keep. */
export const ENTRIES = 4;

const BASE = Date.UTC(2026, 0, 1);

type Message =
  | { kind: 'push'; key: string | null }
  | { kind: 'reply'; lookup: Lookup; value: Held };

/** What the store said under a key: its version, and when that was confirmed. */
interface Held {
  version: number;
  confirmedAt: number;
}

interface Lookup {
  n: number;
  reading: Reading;
  asks: 'session' | 'user';
  session: Held | null;
}

/**
 * One process and one fast store that remembers, as Redis does, which keys this connection has
 * read, tells once of the next change of each, and sends replies and news in one stream.
 */
export class NearWorld implements PushSource {
  now = 0;
  expiresIn = 24 * 60 * 60_000;
  /** A store that tells nothing. */
  silent = false;
  readonly told: boolean[] = [];
  readonly near: NearCopies;
  #listener: (key: string) => void = () => undefined;
  #feed: { heardUntil: number } = { heardUntil: 1_000 };
  readonly #held = new Map<string, Held>();
  #tracked = new Set<string>();
  #commands: Lookup[] = [];
  #stream: Message[] = [];
  /** Replies that have arrived and that their lookups have not looked at yet. */
  #arrived: { lookup: Lookup; value: Held }[] = [];

  /** @param F - In milliseconds. */
  constructor(F = LIMITS.F) {
    this.near = new NearCopies(
      {
        pushes: this,
        names: OURS,
        clock: {
          now: () => BASE + this.now,
          at: (steady) => BASE + steady,
          observe: () => undefined,
        },
        monotonic: { now: () => this.now },
        timing: { ...LIMITS, F },
        random: () => 0.5,
        recalled: (_digest, _use, isDue) => this.told.push(isDue),
      },
      { entries: ENTRIES, bytes: 1_000_000 },
    );
  }

  feedOf(): PushFeed | null {
    return this.silent ? null : this.#feed;
  }

  onChange(listener: (key: string) => void): () => void {
    this.#listener = listener;
    return () => undefined;
  }

  /** A lookup takes its lease and sends its first read. */
  read(n: number): void {
    const lookup: Lookup = { n, reading: this.near.begin(), asks: 'session', session: null };
    this.#send(lookup);
  }

  /** The store carries out the next command. */
  serve(): boolean {
    const lookup = this.#commands.shift();
    if (lookup === undefined) return false;
    const key = keyOf(lookup);
    this.#tracked.add(key);
    this.#stream.push({ kind: 'reply', lookup, value: { ...this.#of(key) } });
    return true;
  }

  /** The next message arrives: news are heard at once, a reply waits for its reader. */
  deliver(): boolean {
    const message = this.#stream.shift();
    if (message === undefined) return false;
    if (message.kind === 'reply') this.#arrived.push(message);
    else if (message.key === null) this.#newFeed(this.#feed.heardUntil);
    else this.#listener(message.key);
    return true;
  }

  /** A lookup looks at its reply. */
  goOn(): boolean {
    const arrived = this.#arrived.shift();
    if (arrived === undefined) return false;
    const { lookup, value } = arrived;
    if (lookup.session === null) {
      this.#send({ ...lookup, asks: 'user', session: value });
    } else {
      this.near.keep(this.#read(lookup.n, lookup.session, value), lookup.reading);
      lookup.reading.end();
    }
    return true;
  }

  readNow(n: number): void {
    this.ping();
    this.read(n);
    this.finish();
  }

  /** Everything that is under way comes to its end. */
  finish(): void {
    while (this.serve() || this.deliver() || this.goOn());
  }

  changeSession(n: number): void {
    this.#change(sessionKey(digestOf(n)));
  }

  changeUser(n: number): void {
    this.#change(userKey(userOf(n)));
  }

  /** This process itself has ended the session, and knows. */
  learn(n: number): void {
    this.#of(sessionKey(digestOf(n))).version += 1;
    this.near.forgetSession(digestOf(n));
    this.#push(sessionKey(digestOf(n)));
  }

  flush(): void {
    for (const held of this.#held.values()) held.version += 1;
    this.#tracked.clear();
    this.#stream.push({ kind: 'push', key: null });
  }

  /** The connection breaks, with all that was under way on it; the next one is proven at once. */
  disconnect(): void {
    for (const { reading } of [...this.#commands, ...this.#lookupsUnderWay()]) reading.end();
    this.#commands = [];
    this.#stream = [];
    this.#arrived = [];
    this.#tracked = new Set();
    this.#newFeed(this.now + 1_000);
  }

  /** A PING is answered, after everything that was sent before it. */
  ping(): void {
    while (this.deliver());
    if (this.now >= this.#feed.heardUntil) this.#newFeed(this.now + 1_000);
    this.#feed.heardUntil = this.now + 1_000;
  }

  pass(ms: number): void {
    this.now += ms;
  }

  /** Time passes on a connection that answers each PING. */
  passHeard(ms: number): void {
    for (let left = ms; left > 0; left -= 500) {
      this.pass(Math.min(left, 500));
      this.ping();
    }
  }

  answers(n: number): boolean {
    return this.near.recall(digestOf(n)) !== null;
  }

  /** Stale answers of which this process was told, or that no living connection would tell of. */
  wrongAnswers(): string[] {
    return [0, 1, 2].flatMap((n) => {
      const answer = this.near.recall(digestOf(n));
      if (answer === null) return [];
      const keys = [sessionKey(digestOf(n)), userKey(userOf(n))];
      const [session, user] = keys.map((key) => this.#of(key).version);
      const said = [Number(answer.shown.ip), Number(answer.user.email)];
      const isUntold = keys.some(
        (key, place) => said[place] !== [session, user][place] && !this.#isOnItsWay(key),
      );
      const isOld = this.now >= this.#feed.heardUntil;
      return isUntold || isOld ? [`${n}: said ${said}, is ${session},${user}`] : [];
    });
  }

  #isOnItsWay(key: string): boolean {
    return this.#stream.some(
      (message) => message.kind === 'push' && (message.key === key || message.key === null),
    );
  }

  #change(key: string): void {
    this.#of(key).version += 1;
    this.#push(key);
  }

  #push(key: string): void {
    if (this.#tracked.delete(key)) this.#stream.push({ kind: 'push', key });
  }

  #send(lookup: Lookup): void {
    lookup.reading.lease(keyOf(lookup));
    this.#commands.push(lookup);
  }

  #newFeed(heardUntil: number): void {
    this.#feed.heardUntil = Number.NEGATIVE_INFINITY;
    this.#feed = { heardUntil };
  }

  *#lookupsUnderWay(): Generator<Lookup> {
    for (const message of this.#stream) if (message.kind === 'reply') yield message.lookup;
    for (const { lookup } of this.#arrived) yield lookup;
  }

  #of(key: string): Held {
    const held = this.#held.get(key) ?? { version: 1, confirmedAt: 0 };
    this.#held.set(key, held);
    held.confirmedAt = BASE + this.now;
    return held;
  }

  /** What was read is told by what the answer shows. */
  #read(n: number, held: Held, ofUser: Held): NearReading {
    const session: SessionCopy = {
      digest: digestOf(n),
      handle: `handle-${n}`,
      userId: userOf(n),
      realm: 'web',
      createdAt: BASE,
      authenticatedAt: BASE,
      expiresAt: BASE + this.now + this.expiresIn,
      absoluteExpiresAt: BASE + this.now + this.expiresIn,
      ip: String(held.version),
      userAgent: null,
      actor: null,
      userVersion: ofUser.version,
      lastLoginAt: null,
      version: held.version,
      confirmedAt: held.confirmedAt,
    };
    const user: HeldUser = {
      user: {
        id: userOf(n),
        email: String(ofUser.version),
        isVerified: true,
        role: 'USER',
        createdAt: new Date(BASE),
      },
      version: ofUser.version,
      writtenAt: BASE,
    };
    const keys = { session: sessionKey(digestOf(n)), user: userKey(userOf(n)) };
    return { live: { session, user }, held: user, names: NAMES, keys };
  }
}

function keyOf({ asks, n }: Lookup): string {
  return asks === 'session' ? sessionKey(digestOf(n)) : userKey(userOf(n));
}

function digestOf(n: number): string {
  return `digest-${n}`;
}

/** Sessions of an even number are one user's. */
function userOf(n: number): string {
  return n % 2 === 0 ? 'even' : `odd-${n}`;
}
