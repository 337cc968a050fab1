import { createUserManager, type MockUserManager } from '@repo/exchange-core';
import { MemoryDatabase } from '../../src/adapters/memory-database.ts';
import { MemoryEndIntents } from '../../src/adapters/memory-end-intents.ts';
import { MemoryImpersonations } from '../../src/adapters/memory-impersonations.ts';
import { MemorySessionAdapter } from '../../src/adapters/memory-session-adapter.ts';
import { MemorySessionRecords } from '../../src/adapters/memory-session-records.ts';
import { MemoryUserAdapter } from '../../src/adapters/memory-user-adapter.ts';
import { MemoryUserCopies } from '../../src/adapters/memory-user-copies.ts';
import { ALONE, namesOf } from '../../src/policy/key-names.ts';
import { LIFETIMES, LIMITS } from '../../src/policy/limits.ts';
import { DEFAULT_POLICIES } from '../../src/policy/realm-policy.ts';
import { newSession } from '../../src/testing/samples.ts';
import { assembleTiers } from '../../src/tiers/assemble.ts';
import { EventQueue } from '../../src/tiers/event-queue.ts';
import { UNLIMITED } from '../../src/tiers/log-in-throttle.ts';
import { Tally } from '../../src/tiers/tally.ts';
import {
  type Logger,
  type ManagerParts,
  type SessionCopies,
  type SessionPolicies,
  type SessionRecords,
  SessionStoreUnavailableError,
  type StoreClock,
  type UserCopies,
} from '../../src/types/index.ts';

export const DIGEST = 'digest-of-the-session';

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (message) => {
    throw new Error(`logged an error: ${message}`);
  },
};

/** One record and one fast store, seen by any number of processes, on a clock that the test turns. */
export class World {
  time = Date.UTC(2026, 0, 1);
  readonly clock = { now: () => this.time };
  readonly users: MockUserManager = createUserManager();
  readonly database = new MemoryDatabase(this.users, this.clock);
  readonly records = new MemorySessionRecords(this.database);
  readonly intents = new MemoryEndIntents();
  #copies = new MemorySessionAdapter(this.clock);
  #userCopies = new MemoryUserCopies(this.clock);
  handles = 0;

  get copies(): MemorySessionAdapter {
    return this.#copies;
  }

  get userCopies(): MemoryUserCopies {
    return this.#userCopies;
  }

  pass(ms: number): void {
    this.time += ms;
  }

  flushAll(): void {
    this.#copies = new MemorySessionAdapter(this.clock);
    this.#userCopies = new MemoryUserCopies(this.clock);
  }

  async user(): Promise<string> {
    const user = await this.users.create({
      email: `user-${await this.users.count()}@example.com`,
      role: 'USER',
      isVerified: false,
    });
    return user.id;
  }

  process(policies: SessionPolicies = DEFAULT_POLICIES): Process {
    return new Process(this, policies);
  }
}

type Hook = () => Promise<void>;

/** One process: its own memory, the shared stores behind switches that a test turns. */
export class Process {
  readonly parts: ManagerParts;
  recordDown = false;
  copiesDown = false;
  /** How many of the next replies of the fast store come too late. */
  lateReplies = 0;
  statements = 0;
  /** Runs after the record has read and before its answer is given. */
  afterRead: Hook = async () => undefined;
  /** Runs before a fill is written. */
  beforePut: Hook = async () => undefined;
  afterCreate: Hook = async () => undefined;
  clockKnown = true;
  /** Whether PostgreSQL has said which deployment this is. */
  namesKnown = true;
  /** The name of the master that this process speaks to; only `master` counts. */
  master: string | null = 'master';
  readStatements = 5;
  readonly tally = new Tally();

  constructor(world: World, policies: SessionPolicies) {
    const { parts } = assembleTiers({
      users: new MemoryUserAdapter(world.database, () => `handle-${++world.handles}`),
      records: this.#records(world),
      audit: { keepMs: null, deleteOld: async () => 0 },
      sessionCopies: this.#sessionCopies(world),
      userCopies: this.#userCopies(world),
      intents: world.intents,
      impersonations: new MemoryImpersonations(world.database),
      attempts: UNLIMITED,
      masters: { ownerOf: () => this.master },
      trust: { sinceOf: (master) => (master === 'master' ? 0 : null) },
      outbox: { deleteCarried: async () => undefined },
      names: { current: () => (this.namesKnown ? namesOf(ALONE) : null) },
      pushes: { feedOf: () => null, onChange: () => () => undefined },
      nearSize: { entries: 0, bytes: 0 },
      legacy: null,
      random: () => 0.5,
      clock: this.#clock(world),
      monotonic: world.clock,
      timing: LIMITS,
      readStatements: this.readStatements,
      logger: silent,
      metrics: this.tally,
      events: new EventQueue({
        hook: null,
        wall: world.clock,
        logger: silent,
        metrics: this.tally,
      }),
      newSessionId: () => 'unused',
      newHandle: () => `handle-${++world.handles}`,
      describeDevice: () => 'device',
      networkOf: (address) => address,
      policies,
      health: () => Promise.reject(new Error('nobody asks')),
      release: async () => undefined,
    });
    this.parts = parts;
  }

  async logIn(userId: string, digest: string = DIGEST, ttlMs = LIFETIMES.MAX_AGE): Promise<string> {
    const given = { digest, handle: this.parts.newHandle(), ttlMs, absoluteMs: LIFETIMES.ABSOLUTE };
    const live = await this.parts.keeper.create(newSession(userId, given));
    return live.session.handle;
  }

  async find(digest: string = DIGEST, confirm = false): Promise<string> {
    return (await this.parts.finder.find(digest, 'web', confirm, 'unused')).state;
  }

  async end(digest: string = DIGEST): Promise<void> {
    await this.parts.keeper.endByDigest(digest, 'web', 'signed-out');
  }

  #clock(world: World): StoreClock {
    let observed: number | null = null;
    return {
      now: () => (this.clockKnown ? world.time : observed),
      at: (now) => (this.clockKnown ? now : observed),
      observe: (instant) => {
        observed = instant;
      },
    };
  }

  #record<T>(work: () => Promise<T>): Promise<T> {
    this.statements += 1;
    if (this.recordDown)
      return Promise.reject(new SessionStoreUnavailableError('postgres', 'test'));
    return work();
  }

  #copy<T>(work: () => Promise<T>): Promise<T> {
    const isLate = this.lateReplies > 0;
    if (isLate) this.lateReplies -= 1;
    if (this.copiesDown || isLate)
      return Promise.reject(new SessionStoreUnavailableError('redis', 'test'));
    return work();
  }

  #records({ records }: { records: SessionRecords }): SessionRecords {
    return {
      read: (digests) =>
        this.#record(async () => {
          const answers = await records.read(digests);
          await this.afterRead();
          return answers;
        }),
      createMany: (sessions) => this.#record(() => records.createMany(sessions)),
      create: (session) =>
        this.#record(async () => {
          const live = await records.create(session);
          await this.afterCreate();
          return live;
        }),
      extend: (...args) => this.#record(() => records.extend(...args)),
      confirmIdentity: (digest) => this.#record(() => records.confirmIdentity(digest)),
      rotate: (digest, next) =>
        this.#record(async () => {
          const rotation = await records.rotate(digest, next);
          await this.afterCreate();
          return rotation;
        }),
      endByDigest: (digest, reason) => this.#record(() => records.endByDigest(digest, reason)),
      endByHandle: (...args) => this.#record(() => records.endByHandle(...args)),
      endOthers: (...args) => this.#record(() => records.endOthers(...args)),
      endAll: (...args) => this.#record(() => records.endAll(...args)),
      list: (...args) => this.#record(() => records.list(...args)),
      count: (...args) => this.#record(() => records.count(...args)),
      label: (...args) => this.#record(() => records.label(...args)),
      touch: (handles, everyMs) => this.#record(() => records.touch(handles, everyMs)),
      renew: (due) => this.#record(() => records.renew(due)),
      markEnded: (limit) => this.#record(() => records.markEnded(limit)),
      deleteEnded: (limit, olderThanMs) =>
        this.#record(() => records.deleteEnded(limit, olderThanMs)),
      ping: () => this.#record(() => records.ping()),
    };
  }

  #sessionCopies(world: World): SessionCopies {
    return {
      read: (digest, realm) => this.#copy(() => world.copies.read(digest, realm)),
      put: (session) =>
        this.#copy(async () => {
          await this.beforePut();
          await world.copies.put(session);
        }),
      add: (session) =>
        this.#copy(async () => {
          await this.beforePut();
          await world.copies.add(session);
        }),
      replace: (session) => this.#copy(() => world.copies.replace(session)),
      end: (digests, realm) => this.#copy(() => world.copies.end(digests, realm)),
      block: (digest, realm) => this.#copy(() => world.copies.block(digest, realm)),
      now: () => this.#copy(() => world.copies.now()),
    };
  }

  #userCopies(world: World): UserCopies {
    return {
      read: (userId) => this.#copy(() => world.userCopies.read(userId)),
      put: (copy) => this.#copy(() => world.userCopies.put(copy)),
      fill: (copy, confirmedAt) =>
        this.#copy(async () => {
          await this.beforePut();
          await world.userCopies.fill(copy, confirmedAt);
        }),
      end: (userId, version) => this.#copy(() => world.userCopies.end(userId, version)),
    };
  }
}

/** A door that stays shut until it is opened, and tells when somebody waits at it. */
export function door(): { wait: Hook; open(): void; reached: Promise<void> } {
  let open = (): void => undefined;
  let arrive = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  return {
    wait: () => {
      arrive();
      return opened;
    },
    open: () => open(),
    reached,
  };
}
