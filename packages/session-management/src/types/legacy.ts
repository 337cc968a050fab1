import type { SessionData } from './interfaces.ts';

/** What the document's own processes keep under `session:{sessionId}`, and the text that it was read from. */
export interface PlainSession {
  text: string;
  data: SessionData;
}

/** The keys of the document's design, by plain sessionId. Throws `SessionStoreUnavailableError`. */
export interface PlainSessions {
  /** `null` for nothing, and for whatever the document's design would not have written, our own copies included. */
  read(sessionId: string): Promise<PlainSession | null>;
  /** Removes what was read, and nothing that came since. */
  remove(sessionId: string, plain: PlainSession): Promise<void>;
}

/** A session of the document's design, on its way into the record. Durations in milliseconds. */
export interface InheritedSession {
  digest: string;
  handle: string;
  data: SessionData;
  /** Bounds its end from its beginning. */
  absoluteMs: number;
  /** Bounds its end from now. */
  maxAgeMs: number;
}

/** Takes sessions of the document's design into the record. Throws `SessionStoreUnavailableError`. */
export interface InheritedRecords {
  /**
   * Inserts the session where its digest is not known: what is known stays as it is, ended or not.
   * It has the lowest stamp, so it has ended where all of its user's sessions were ended since the upgrade.
   * `false` where there is no such user: nothing was inserted.
   */
  inherit(session: InheritedSession): Promise<boolean>;
}

/** Why a session of the document's design could not be looked for; `null` when it was. */
export type LegacyFault = Error | null;

/** The stores of the move, and the instant at which it is over, in milliseconds since the epoch. */
export interface LegacyMove {
  plain: PlainSessions;
  records: InheritedRecords;
  until: number;
}
