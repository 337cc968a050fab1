import { createHash } from 'node:crypto';
import type { Application, Reply } from './application.ts';
import type { Operation, Outcome, Verb } from './history.ts';

/** A session as the driver knows it. The token stays in here. */
export interface Issued {
  index: number;
  userId: string;
  token: string;
  /** Somebody has asked for its end. */
  ended: boolean;
}

export interface Call {
  verb: Verb;
  session?: Issued | undefined;
  userId?: string | undefined;
  /** Seconds, of `create` and `extend`. */
  ttl?: number | undefined;
  /** Of `setRole`. */
  role?: string | undefined;
  audit?: boolean | undefined;
}

type Answer = Pick<Operation, 'process' | 'session' | 'start' | 'end' | 'took' | 'outcome'>;

/** The number of who is no process: the driver itself. */
const BY_HAND = -1;

const ENDS_MANY: readonly Verb[] = ['revokeAll', 'revokeOthers', 'changePassword'];

/** Asks the processes and writes down, on one clock, what was asked and what came back. */
export class Recorder {
  readonly operations: Operation[] = [];
  readonly issued: Issued[] = [];
  readonly users: string[] = [];
  /** Of each user, as it was last asked for. */
  readonly roles = new Map<string, string>();
  #passwords = 0;

  async run(
    applications: readonly Pick<Application, 'call'>[],
    process: number,
    call: Call,
  ): Promise<Outcome> {
    const application = applications[process];
    if (application === undefined) throw new Error(`there is no process ${process}`);
    this.#expect(call);

    const start = performance.now();
    const reply = await application.call(call.verb, this.#argumentsOf(call));
    const end = performance.now();

    const issued = call.verb === 'create' ? this.#issue(reply, ownerOf(call)) : call.session;
    const { took } = reply;
    const outcome = outcomeOf(reply);
    this.#write(call, { process, session: issued?.index ?? null, start, end, took, outcome });
    return outcome;
  }

  /** Does what an operator does past every process, and writes down whether that was acknowledged. */
  async byHand(call: Call, change: () => Promise<unknown>): Promise<void> {
    this.#expect(call);
    const start = performance.now();
    const kind = await change().then(
      () => 'ack' as const,
      () => 'unknown' as const,
    );
    this.#writeByHand(call, start, { kind });
  }

  /** Writes down that an operator has ended every session, by a call that began at `start`. */
  endedByOperator(start: number): void {
    for (const userId of this.users) {
      const call: Call = { verb: 'revokeAll', userId };
      this.#expect(call);
      this.#writeByHand(call, start, { kind: 'ack' });
    }
  }

  live(): Issued[] {
    return this.issued.filter(({ ended }) => !ended);
  }

  ended(): Issued[] {
    return this.issued.filter(({ ended }) => ended);
  }

  #argumentsOf(call: Call): Record<string, unknown> {
    const { session, ttl, verb } = call;
    const hashedPassword = verb === 'changePassword' ? `hash-${++this.#passwords}` : undefined;
    return { token: session?.token, userId: ownerOf(call), ttl, hashedPassword };
  }

  /** From the question on, whatever the answer. */
  #expect(call: Call): void {
    const { role, session, verb } = call;
    const userId = ownerOf(call);
    if (role !== undefined) this.roles.set(userId, role);
    if (verb === 'delete' && session !== undefined) session.ended = true;
    if (!ENDS_MANY.includes(verb)) return;
    for (const each of this.issued) {
      if (each.userId === userId && each !== session) each.ended = true;
    }
  }

  #issue({ outcome }: Reply, userId: string): Issued | undefined {
    if (outcome.kind !== 'ack' || typeof outcome.value !== 'string') return undefined;
    const session = { index: this.issued.length, userId, token: outcome.value, ended: false };
    this.issued.push(session);
    return session;
  }

  #writeByHand(call: Call, start: number, outcome: Outcome): void {
    const end = performance.now();
    const session = call.session?.index ?? null;
    this.#write(call, { process: BY_HAND, session, start, end, took: end - start, outcome });
  }

  #write(call: Call, answer: Answer): void {
    const { audit = false, role = null, ttl, verb } = call;
    this.operations.push({
      verb,
      userId: ownerOf(call),
      ttl: ttl === undefined ? null : ttl * 1_000,
      role,
      audit,
      ...answer,
    });
  }
}

/** The only form in which a store holds the token. */
export function digestOf({ token }: Issued): string {
  return createHash('sha256').update(token).digest('base64url');
}

function ownerOf({ session, userId = '' }: Call): string {
  return session?.userId ?? userId;
}

function outcomeOf({ outcome }: Reply): Outcome {
  switch (outcome.kind) {
    case 'valid':
      return { kind: 'valid', userId: outcome.userId, role: outcome.role };
    case 'ack':
      return { kind: 'ack' };
    default:
      return outcome;
  }
}
