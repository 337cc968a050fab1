import { LRUCache } from 'lru-cache';
import { DEFAULT_REALM, LIFETIMES, LIMITS, type Timing } from '../policy/limits.ts';
import { policyOf } from '../policy/realm-policy.ts';
import type {
  LegacyMove,
  MonotonicClock,
  PlainSession,
  SessionFinder,
  SessionFinding,
  SessionPolicies,
  StoreClock,
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
  /** Waits for work whose failure harms nobody. */
  settle(operation: string, work: () => Promise<unknown>): Promise<void>;
}

/** Of how many digests it is remembered that nothing plain is left to look for. */
const SETTLED_SIZE = 50_000;

/**
 * Takes over the sessions of the document's design while its processes run beside ours: what the
 * record does not know is looked for once under the plain sessionId, becomes a record, and only then
 * leaves its plain key. Whatever stops this in between, the next lookup goes on with it.
 *
 * Asks Redis once more for each unknown sessionId, and once for each session that it meets.
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
    const { finder, monotonic, timing } = this.#parts;
    const deadline = monotonic.now() + timing.D;
    const finding = await finder.find(digest, realm, confirm, sessionId);
    if (!this.#isOn(realm) || this.#settled.has(digest)) return finding;
    if (finding.state !== 'unknown') {
      void this.#clear(sessionId, digest, null);
      return finding;
    }
    const moved = this.takeOver(sessionId, digest, realm).then(async (isMoved) =>
      isMoved ? await finder.find(digest, realm, true, sessionId) : finding,
    );
    return await within(deadline - monotonic.now(), 'redis', 'take-over', moved);
  }

  /**
   * Whether the document's design had this session, which now has a record, living or not.
   * @throws {SessionStoreUnavailableError} when nobody can say.
   */
  async takeOver(sessionId: string, digest: string, realm: string): Promise<boolean> {
    if (!this.#isOn(realm)) return false;
    const { move, newHandle, opened, policies } = this.#parts;
    const plain = await move.plain.read(sessionId);
    if (plain === null) return this.#nothing(digest);
    const { absoluteMs } = policyOf(policies, realm);
    const maxAgeMs = LIFETIMES.MAX_AGE;
    const handle = newHandle();
    const inherited = { digest, handle, data: plain.data, absoluteMs, maxAgeMs };
    if (!(await move.records.inherit(inherited))) return this.#nothing(digest);
    opened(digest);
    await this.#clear(sessionId, digest, plain);
    return true;
  }

  #isOn(realm: string): boolean {
    const { clock, move } = this.#parts;
    return realm === DEFAULT_REALM && (clock.now() ?? 0) < move.until;
  }

  #nothing(digest: string): false {
    this.#settled.set(digest, true, { ttl: LIMITS.UNKNOWN });
    return false;
  }

  /** The session has a record: its plain key has nothing more to say. */
  async #clear(sessionId: string, digest: string, read: PlainSession | null): Promise<void> {
    const { move, settle } = this.#parts;
    this.#settled.set(digest, true);
    await settle('clear-plain', async () => {
      try {
        const plain = read ?? (await move.plain.read(sessionId));
        if (plain !== null) await move.plain.remove(sessionId, plain);
      } catch (error) {
        this.#settled.delete(digest);
        throw error;
      }
    });
  }
}
