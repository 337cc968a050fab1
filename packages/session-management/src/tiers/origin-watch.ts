import { LRUCache } from 'lru-cache';
import type {
  EventSink,
  OriginPart,
  OriginWatch,
  RequestOrigin,
  Session,
  SessionBinding,
} from '../types/index.ts';

/** Of how many changes of an origin it is remembered that they were told of. */
const SIZE = 10_000;

/** How an origin is compared, as both parts of it are told of. */
export interface OriginNames {
  /** Empty where nothing is known. */
  networkOf(address: string): string;
  describeDevice(userAgent: string | null): string;
}

/**
 * Holds where a request comes from against where its session was opened. What a log-in did not
 * know, and what the caller does not say, is not compared. Of a session each new value is told once.
 */
export class OriginNews implements OriginWatch {
  readonly #names: OriginNames;
  readonly #events: EventSink;
  readonly #told = new LRUCache<string, true>({ max: SIZE });

  constructor(names: OriginNames, events: EventSink) {
    this.#names = names;
    this.#events = events;
  }

  admits(session: Session, origin: RequestOrigin, binding: SessionBinding): boolean {
    const address = binding.address === 'off' || this.#sameNetwork(session, origin, binding);
    const agent = binding.agent === 'off' || this.#sameDevice(session, origin, binding);
    return address && agent;
  }

  #sameNetwork(session: Session, { ip }: RequestOrigin, { address }: SessionBinding): boolean {
    const expected = this.#names.networkOf(session.ip);
    if (ip === undefined || expected === '') return true;
    return this.#judge(session, 'address', address, expected, this.#names.networkOf(ip));
  }

  #sameDevice(session: Session, { userAgent }: RequestOrigin, { agent }: SessionBinding): boolean {
    if (userAgent === undefined || session.userAgent === null) return true;
    const expected = this.#names.describeDevice(session.userAgent);
    return this.#judge(session, 'agent', agent, expected, this.#names.describeDevice(userAgent));
  }

  #judge(
    session: Session,
    part: OriginPart,
    mode: SessionBinding[OriginPart],
    expected: string,
    got: string,
  ): boolean {
    if (got === expected) return true;
    const change = `${session.id} ${part} ${got}`;
    if (!this.#told.has(change)) {
      this.#told.set(change, true);
      const { id: handle, realm, userId } = session;
      const refused = mode === 'strict';
      const named = { userId, realm, handle };
      this.#events.tell({ kind: 'binding-mismatch', ...named, part, refused, expected, got });
    }
    return mode !== 'strict';
  }
}
