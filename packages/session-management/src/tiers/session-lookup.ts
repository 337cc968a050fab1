import { LRUCache } from 'lru-cache';
import { spanOf } from '../policy/copy-span.ts';
import { LIMITS, type Timing } from '../policy/limits.ts';
import { type CopyReading, nextStep, standingOf } from '../policy/read-order.ts';
import { usageOf } from '../policy/session-view.ts';
import {
  type EventSink,
  hasCode,
  type LiveSession,
  type MonotonicClock,
  type RecordAnswer,
  type SeenSessions,
  type SessionFinder,
  type SessionFinding,
  type SessionUse,
  type StoreClock,
} from '../types/index.ts';
import { ConfirmAhead } from './confirm-ahead.ts';
import { CopyReader } from './copy-reader.ts';
import { within } from './deadline.ts';
import type { FastCopies } from './fast-copies.ts';
import type { KnownChanges } from './known-changes.ts';
import type { RecordBatcher } from './record-batcher.ts';
import { type Asked, RecordQuestions } from './record-questions.ts';
import { SessionNews } from './session-news.ts';

const REVOKED: SessionFinding = { tier: 'memory', state: 'revoked' };
const TOMBSTONE: SessionFinding = { tier: 'fast', state: 'revoked' };
const UNKNOWN: SessionFinding = { tier: 'memory', state: 'unknown' };

/** What is left of the deadline for the answer itself, in milliseconds. */
const MARGIN = 50;

/** How many digests are remembered as unknown. */
const UNKNOWN_SIZE = 10_000;

export interface LookupParts {
  copies: FastCopies;
  batcher: RecordBatcher;
  changes: KnownChanges;
  clock: StoreClock;
  monotonic: MonotonicClock;
  timing: Timing;
  seen: SeenSessions;
  events: EventSink;
  /** A number from 0 to 1, for jitter. */
  random(): number;
  /** Runs what may fail without harm, behind the answer. */
  behind(operation: string, work: () => Promise<unknown>): void;
}

/**
 * Finds a session that no near copy knows: what this process remembers, fast copy, record, in the
 * order of the fault table (`policy/read-order`). Answers within D whatever the stores do.
 */
export class SessionLookup implements Pick<SessionFinder, 'find'> {
  readonly #parts: LookupParts;
  readonly #unknown: LRUCache<string, true>;
  /** Answers that have filled the copies: lookups that share one fill once. */
  readonly #filled = new WeakSet<RecordAnswer>();
  readonly #reader: CopyReader;
  readonly #questions: RecordQuestions;
  readonly #ahead: ConfirmAhead;
  readonly #news: SessionNews;

  constructor(parts: LookupParts) {
    this.#parts = parts;
    this.#reader = new CopyReader(parts);
    this.#questions = new RecordQuestions(parts);
    this.#news = new SessionNews(parts.events);
    this.#unknown = new LRUCache({
      max: UNKNOWN_SIZE,
      ttl: LIMITS.UNKNOWN,
      perf: parts.monotonic,
      ttlResolution: 0,
    });
    const confirm = (digest: string): void => this.#confirmBehind(digest);
    this.#ahead = new ConfirmAhead(confirm, parts.monotonic, parts.timing.F);
  }

  /**
   * A near copy has answered: what every lookup does, and most of them need not do again.
   *
   * @param use - `null`: nothing is done to a session by an id that was rotated away.
   */
  recalled(digest: string, use: SessionUse | null, isDue: boolean): void {
    if (use !== null) this.#parts.seen.note(use);
    if (isDue) this.#ahead.due(digest);
  }

  async find(digest: string, realm: string, confirm: boolean): Promise<SessionFinding> {
    const { changes, copies, monotonic, timing } = this.#parts;
    if (changes.hasEnded(digest)) return REVOKED;
    if (!confirm && this.#unknown.has(digest)) return UNKNOWN;

    const deadline = monotonic.now() + timing.D - MARGIN;
    const reading = confirm ? SKIPPED : await copies.read(digest, realm);
    const finding =
      this.#fromCopy(digest, reading, 'up') ??
      (await this.#fromRecordOr(reading, digest, realm, deadline));
    if (finding.state === 'active') this.recalled(digest, usageOf(finding.live), false);
    return finding;
  }

  /** The record's word; of the copy again, where nobody can ask the record. */
  async #fromRecordOr(
    reading: CopyReading,
    digest: string,
    realm: string,
    deadline: number,
  ): Promise<SessionFinding> {
    try {
      return await this.#fromRecord(digest, reading, deadline);
    } catch (error) {
      if (!hasCode(error, 'STORE_UNAVAILABLE')) throw error;
      const latest = await this.#reader.readAgain(digest, realm, reading, deadline - MARGIN);
      const found = this.#fromCopy(digest, latest, 'down');
      if (found) return found;
      throw error;
    }
  }

  /** Forgets that a digest was unknown: it has just become a session. */
  opened(digest: string): void {
    this.#unknown.delete(digest);
  }

  #fromCopy(digest: string, reading: CopyReading, record: 'up' | 'down'): SessionFinding | null {
    const { changes, clock, timing } = this.#parts;
    const step = nextStep(standingOf(reading, clock.now(), timing), record);
    if (step === 'revoked') return TOMBSTONE;
    if (step !== 'active' || reading.state !== 'hit') return null;
    if (changes.hasEnded(digest)) return REVOKED;
    if (record === 'up') this.#confirmIfDue(reading.live);
    return { tier: 'fast', state: 'active', live: reading.live };
  }

  #confirmIfDue(live: LiveSession): void {
    const { clock, random, timing } = this.#parts;
    const { ahead } = spanOf(live.session, timing.F, random());
    if ((clock.now() ?? 0) >= ahead) this.#ahead.due(live.session.digest);
  }

  #confirmBehind(digest: string): void {
    this.#parts.behind('confirm', async () => {
      this.#accept(digest, await this.#questions.ask(digest), SKIPPED);
    });
  }

  /** @throws {SessionStoreUnavailableError} */
  async #fromRecord(
    digest: string,
    reading: CopyReading,
    deadline: number,
  ): Promise<SessionFinding> {
    const left = deadline - this.#parts.monotonic.now();
    const asked = await within(left, 'postgres', 'lookup', this.#questions.ask(digest));
    return this.#accept(digest, asked, reading);
  }

  /** The record's word, unless this process has seen the session end since it was asked. */
  #accept(digest: string, { answer, sentAt }: Asked, reading: CopyReading): SessionFinding {
    const { behind, changes, copies } = this.#parts;
    this.#news.tell(digest, answer);
    if (answer.state === 'revoked' || answer.state === 'past-grace') {
      changes.sessionEnded(digest);
      return { tier: 'record', state: 'revoked' };
    }
    if (answer.state === 'unknown') this.#unknown.set(digest, true);
    if (answer.state !== 'live') return { tier: 'record', state: answer.state };

    const verdict = changes.judge(answer.live);
    if (verdict === 'ended') return REVOKED;
    if (verdict === 'current' && !this.#filled.has(answer)) {
      this.#filled.add(answer);
      behind('fill', () => copies.repair(answer.live, reading, sentAt));
    }
    return { tier: 'record', state: 'active', live: answer.live };
  }
}

const SKIPPED: CopyReading = { state: 'skipped' };
