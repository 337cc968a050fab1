/** One store as this process sees it. */
export interface StoreHealth {
  reachable: boolean;
  /** Round trip of the check, in milliseconds; `null` when it did not answer. */
  latencyMs: number | null;
  /** Since when it has not answered, ms since the epoch; `null` while it answers. */
  degradedSince: number | null;
}

/** How the near copies of one process have served since it began. */
export interface NearCopiesHealth {
  /** Held now, some of them out of date. */
  entries: number;
  /** Lookups that asked them, and how many of those they answered. */
  asked: number;
  hits: number;
}

/** How the events of one process have fared since it began. */
export interface EventsHealth {
  /** Not handed to the hook yet; 1000 at most. */
  waiting: number;
  /** Lost because so many waited already. */
  dropped: number;
  /** Calls of the hook that threw, rejected or took longer than 5 s. */
  failed: number;
}

export interface HealthReport {
  mode: 'mock' | 'stores';
  stores: { record: StoreHealth; copies: StoreHealth };
  nearCopies: NearCopiesHealth;
  events: EventsHealth;
  propagation: {
    /** Changes that no process has carried to the fast store yet, counted to 100,000; `null` when nobody can say. */
    waiting: number | null;
    /** The process that carries what others have left, as `host:pid`; `null` when this process has heard of none. */
    carrier: string | null;
    /** Whether this process believes the fast store now: the record says that all of its masters count. */
    trusted: boolean;
  };
}
