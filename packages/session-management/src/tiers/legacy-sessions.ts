import { LRUCache } from 'lru-cache';
import { DEFAULT_REALM, LIFETIMES, LIMITS, type Timing } from '../policy/limits.ts';
import { policyOf } from '../policy/realm-policy.ts';
import {
  hasCode,
  type LegacyFault,
  type LegacyMove,
  type MonotonicClock,
  type PlainSession,
  type SessionFinder,
  type SessionFinding,
  type SessionPolicies,
  type StoreClock,
} from '../types/index.ts';
import { within } from './deadline.ts';

export interface LegacyParts {
  finder: Pick<SessionFinder, 'find'>;
  move: LegacyMove;
  policies: SessionPolicies;
  clock: StoreClock;
  monotonic: MonotonicClock;
  timing: Timing;
  newHandle(): string;
  /** A digest has become a session. */
  opened(digest: string): void;
}

/** Of how many digests it is remembered that nothing plain is left to look for. */
const SETTLED_SIZE = 50_000;

/**
 * Takes over the sessions of the document's design while its processes run beside ours: what stands
 * under a plain sessionId becomes a record, and only then leaves its key. Looked for before the
 * record is asked: whoever comes after the key has gone finds the record.
 *
 * Whatever stops a take-over half-way, the next lookup goes on with it. Costs one more read of Redis
 * for each session that this process meets, and for each unknown sessionId.
 */
export class LegacySessions implements Pick<SessionFinder, 'find'> {
  readonly #parts: LegacyParts;
  /** Digests under whose sessionId nothing plain is left: of a session for good, of an unknown id for a moment. */
  readonly #settled: LRUCache<string, true>;

  constructor(parts: LegacyParts) {
    this.#parts = parts;
    const { monotonic } = parts;
    this.#settled = new LRUCache({ max: SETTLED_SIZE, perf: monotonic, ttlResolution: 0 });
  }

  async find(
    digest: string,
    realm: string,
    confirm: boolean,
    sessionId: string,
  ): Promise<SessionFinding> {
    const { finder, timing } = this.#parts;
    if (!this.#isOn(realm) || this.#settled.has(digest)) {
      return await finder.find(digest, realm, confirm, sessionId);
    }
    const finding = this.takeOver(sessionId, digest, realm).then(async (fault) => {
      const found = await finder.find(digest, realm, confirm, sessionId);
      if (fault === null) this.#settle(digest, found);
      else if (found.state === 'unknown') throw fault;
      return found;
    });
    return await within(timing.D, 'redis', 'take-over', finding);
  }

  /** What stands under the plain sessionId has a record afterwards, living or not. The answer says why nobody could look. */
  async takeOver(sessionId: string, digest: string, realm: string): Promise<LegacyFault> {
    if (!this.#isOn(realm)) return null;
    const { move } = this.#parts;
    try {
      const plain = await move.plain.read(sessionId);
      if (plain !== null && (await this.#inherit(digest, realm, plain))) {
        await move.plain.remove(sessionId, plain);
      }
      return null;
    } catch (error) {
      if (error instanceof Error && hasCode(error, 'STORE_UNAVAILABLE')) return error;
      throw error;
    }
  }

  async #inherit(digest: string, realm: string, { data }: PlainSession): Promise<boolean> {
    const { move, newHandle, opened, policies } = this.#parts;
    const { absoluteMs } = policyOf(policies, realm);
    const bounds = { absoluteMs, maxAgeMs: LIFETIMES.MAX_AGE };
    const isThere = await move.records.inherit({ digest, handle: newHandle(), data, ...bounds });
    if (isThere) opened(digest);
    return isThere;
  }

  #settle(digest: string, { state }: SessionFinding): void {
    this.#settled.set(digest, true, state === 'unknown' ? { ttl: LIMITS.UNKNOWN } : {});
  }

  #isOn(realm: string): boolean {
    const { clock, move } = this.#parts;
    return realm === DEFAULT_REALM && (clock.now() ?? 0) < move.until;
  }
}
