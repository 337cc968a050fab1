/** Names a row of the outbox. Both numbers are 64 bits wide, so they stay text. */
export interface OutboxRowName {
  xact: string;
  id: string;
}

/** One change that copies must learn of: it names what changed, never how. */
export interface OutboxRow extends OutboxRowName {
  kind: 'session' | 'user';
  /** A digest, or a user's id. */
  key: string;
  /** The realm of a session; `null` for a user. */
  realm: string | null;
  isEnd: boolean;
  /** How long ago it was written, in milliseconds. */
  ageMs: number;
}

/** Up to where a look has read. What it could not see is read by the next. */
export interface OutboxPlace {
  /** PostgreSQL's text of the snapshot. */
  snapshot: string;
  /** Every transaction from here on. */
  from: string;
  /** Those before that were in progress. */
  open: string[];
}

export interface OutboxLook {
  place: OutboxPlace;
  rows: OutboxRow[];
}

/** A key that a process has written by itself: rows about it, up to this version, have been carried. */
export interface CarriedChange {
  kind: OutboxRow['kind'];
  key: string;
  version: number;
  /** The master that took it. */
  master: string;
}

/**
 * The changes that copies have still to learn of, written in the transactions that made them; empty at
 * rest. Throws `SessionStoreUnavailableError`.
 */
export interface Outbox {
  /**
   * What came since that place (`null`: all there is), up to `limit` of each kind, and what is left of the
   * rows named.
   */
  look(
    since: OutboxPlace | null,
    named: readonly OutboxRowName[],
    limit: number,
  ): Promise<OutboxLook>;
  /** Deletes rows that a master has taken which still counts; the ids of those that it deleted. */
  delete(rows: readonly (OutboxRowName & { master: string })[]): Promise<Set<string>>;
  /** The same for whoever carries its own change, and knows it by its key. */
  deleteCarried(changes: readonly CarriedChange[]): Promise<void>;
  /** Deletes rows whoever has taken them. */
  giveUp(rows: readonly OutboxRowName[]): Promise<void>;
  /** Deletes up to `limit` rows that a look to this place could see; how many. */
  deleteSeen(place: OutboxPlace, limit: number): Promise<number>;
  /** How many rows there are, counted to 100,000. */
  depth(): Promise<number>;
}

/** What the record says of the fast store's masters and of the carrier. */
export interface MasterNews {
  /** Since when each master counts, in ms since the epoch: what was confirmed before is not believed. */
  since: ReadonlyMap<string, number>;
  /** The process that holds the lease; `null` where it is over. */
  carrier: string | null;
  /** The record's instant. */
  now: number;
}

/**
 * Which masters of the fast store count and since when, and who may say so: one row each. All but `hear`
 * and `take` do nothing for whoever does not hold the lease. Throws `SessionStoreUnavailableError`.
 */
export interface MasterNames {
  hear(): Promise<MasterNews>;
  /**
   * Takes a lease that is over, for 3 s; whether that was so. Who would name other masters than those that are
   * named waits 2 s longer.
   */
  take(owner: string, masters: readonly string[]): Promise<boolean>;
  /** Makes it last 3 s from now; `false` when another holds it. */
  renew(owner: string): Promise<boolean>;
  release(owner: string): Promise<void>;
  /** Takes out every other name. */
  keepOnly(owner: string, masters: readonly string[]): Promise<void>;
  /** Adds those that are missing, from a second from now on. Sent after `keepOnly` has committed. */
  name(owner: string, masters: readonly string[]): Promise<void>;
  /** Believes nothing any more that was confirmed until a second from now. Whether it could say so. */
  raise(owner: string): Promise<boolean>;
}

/** The masters of the fast store that answer now, by name. */
export interface PresentMasters {
  names: string[];
  /** Whether every key has its master among them. */
  isAll: boolean;
}

/** How far masters may be believed, as this process has heard. */
export interface MasterTrust {
  /** Since when this master counts, in ms since the epoch; `null`: it does not. */
  sinceOf(master: string): number | null;
}

/** The masters of the fast store. A master's name changes with every restart, promotion and loss of its history. */
export interface FastStoreMasters {
  /** Asked now. @throws {SessionStoreUnavailableError} where none answers. */
  present(): Promise<PresentMasters>;
  /** The name of the master that a key's commands go to; `null` while it is not known. */
  ownerOf(key: string): string | null;
}
