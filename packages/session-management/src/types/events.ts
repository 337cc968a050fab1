import type { SessionActor } from './actor.ts';
import type { StoreName } from './errors.ts';
import type { EndReason, NamedSession } from './records.ts';

/**
 * What has happened to sessions and stores, as this process tells it: one line per kind.
 *
 * Never holds a sessionId, a digest or an e-mail address. `handle` is the public name of a session.
 */
export type SessionFact =
  | ({ readonly kind: 'created' } & NamedSession & Lasting)
  | ({ readonly kind: 'impersonated'; readonly actor: SessionActor } & NamedSession & Lasting)
  | ({ readonly kind: 'extended' } & NamedSession & Lasting)
  | ({ readonly kind: 'identity-confirmed' } & NamedSession)
  | ({ readonly kind: 'rotated' } & NamedSession)
  | ({ readonly kind: 'reuse' } & NamedSession)
  | ({ readonly kind: 'revoked'; readonly reason: EndReason } & NamedSession & Ender)
  | ({ readonly kind: 'all-revoked'; readonly reason: EndReason } & AllOfUser & Ender)
  | ({ readonly kind: 'expired' } & NamedSession)
  | ({ readonly kind: 'binding-mismatch' } & NamedSession & Moved)
  | { readonly kind: 'store-degraded'; readonly store: StoreName }
  | { readonly kind: 'store-healed'; readonly store: StoreName; readonly downMs: number };

/** A fact and when this process told it, in milliseconds since the epoch by its own clock. */
export type SessionEvent = SessionFact & { readonly at: number };

/** Who ended a session: its own user, an administrator by their id, or a rule of the system. */
export type Ender =
  | { readonly by: 'user' | 'system' }
  | { readonly by: 'administrator'; readonly actor: string };
/** What of a request's origin is compared with the log-in's. */
export type OriginPart = 'address' | 'agent';

interface Moved {
  readonly part: OriginPart;
  /** Whether the request was refused. */
  readonly refused: boolean;
  /** A network, or browser and system by name. */
  readonly expected: string;
  /** The same of the request; an empty network where its address is not known. */
  readonly got: string;
}

interface Lasting {
  /** When the session ends, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Every session of a user in one realm or in all, but the one that was kept. */
interface AllOfUser {
  readonly userId: string;
  /** `null`: in every realm. */
  readonly realm: string | null;
  readonly keptHandle: string | null;
  /** How many ended, counted to 1,000: that many means so many or more. */
  readonly count: number;
}

/**
 * Is called with one event after the other, behind the requests that caused them.
 *
 * May return a promise: the next event waits for it, for 5 s at most. What it throws is counted,
 * logged once a kind, and reaches no request.
 */
export type SessionEventHook = (event: SessionEvent) => unknown;

/** Takes note of what has happened. Returns at once and never throws. */
export interface EventSink {
  tell(fact: SessionFact): void;
}
