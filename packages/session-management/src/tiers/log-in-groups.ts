import {
  type CreatedSession,
  type LiveSession,
  type NewSession,
  type SessionRecords,
  SessionStoreUnavailableError,
} from '../types/index.ts';
import { within } from './deadline.ts';

/** Log-ins in one statement, statements under way at once, and log-ins that wait at most. */
const GROUP = 500;
const UNDER_WAY = 2;
const WAITING = 2_000;

const NOBODY = { count: 0, digests: [], ended: [] };

interface Waiting {
  session: NewSession;
  resolve(live: LiveSession | undefined): void;
  reject(error: unknown): void;
}

/**
 * Log-ins that arrive together are opened together: a few statements are under way, the rest gather.
 *
 * Whoever has to wait for somebody goes alone: a user at a limit, one who signs in for the first time, one whose
 * password has just changed. So does each of a group that the record refuses, and a bad one fails only itself.
 */
export class LogInGroups {
  readonly #records: Pick<SessionRecords, 'create' | 'createMany'>;
  readonly #patienceMs: number;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #isDue = false;

  /** @param patienceMs - How long one log-in waits for its group to be answered. */
  constructor(records: Pick<SessionRecords, 'create' | 'createMany'>, patienceMs: number) {
    this.#records = records;
    this.#patienceMs = patienceMs;
  }

  /** As `SessionRecords.create`. @throws {SessionStoreUnavailableError} also where too many wait already. */
  async open(session: NewSession): Promise<CreatedSession> {
    if (isLimited(session)) return await this.#records.create(session);
    const live = await this.#inGroup(session);
    return live === undefined ? await this.#records.create(session) : { ...live, madeRoom: NOBODY };
  }

  /** Nothing is opened behind whoever was told that nobody knows, if it can be helped. */
  async #inGroup(session: NewSession): Promise<LiveSession | undefined> {
    try {
      return await within(this.#patienceMs, 'postgres', 'session_create', this.#join(session));
    } catch (error) {
      const place = this.#waiting.findIndex((each) => each.session === session);
      if (place >= 0) this.#waiting.splice(place, 1);
      throw error;
    }
  }

  #join(session: NewSession): Promise<LiveSession | undefined> {
    if (this.#waiting.length >= WAITING) {
      throw new SessionStoreUnavailableError('postgres', 'session_create');
    }
    const answer = new Promise<LiveSession | undefined>((resolve, reject) => {
      this.#waiting.push({ session, resolve, reject });
    });
    this.#sendSoon();
    return answer;
  }

  /** When the event loop has delivered what came in together. */
  #sendSoon(): void {
    if (this.#isDue || this.#underWay >= UNDER_WAY) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      void this.#send();
    });
  }

  async #send(): Promise<void> {
    const group = this.#waiting.splice(0, GROUP);
    if (group.length === 0) return;
    this.#underWay += 1;
    if (this.#waiting.length > 0) this.#sendSoon();
    try {
      const opened = await this.#records.createMany(group.map(({ session }) => session));
      for (const { resolve, session } of group) resolve(opened.get(session.digest));
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      this.#underWay -= 1;
      if (this.#waiting.length > 0) this.#sendSoon();
    }
  }
}

function isLimited({ limit, termsOfRole }: NewSession): boolean {
  return limit !== null || Object.values(termsOfRole).some((terms) => terms?.limit != null);
}
