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
  audit?: boolean | undefined;
}

/** Asks the processes and writes down, on one clock, what was asked and what came back. */
export class Recorder {
  readonly operations: Operation[] = [];
  readonly issued: Issued[] = [];
  readonly users: string[] = [];
  #passwords = 0;

  async run(applications: readonly Application[], process: number, call: Call): Promise<Outcome> {
    const application = applications[process];
    if (application === undefined) throw new Error(`there is no process ${process}`);
    const userId = call.session?.userId ?? call.userId ?? '';
    this.#markEnded(call, userId);

    const start = performance.now();
    const reply = await application.call(call.verb, this.#argumentsOf(call, userId));
    const end = performance.now();

    const issued = call.verb === 'create' ? this.#issue(reply, userId) : call.session;
    const outcome = outcomeOf(reply);
    this.operations.push({
      verb: call.verb,
      process,
      session: issued?.index ?? null,
      userId,
      ttl: call.ttl === undefined ? null : call.ttl * 1_000,
      start,
      end,
      took: reply.took,
      outcome,
      audit: call.audit ?? false,
    });
    return outcome;
  }

  /** Writes down that an operator has ended every session, by a call that began at `start`. */
  endedByOperator(start: number): void {
    const end = performance.now();
    const outcome = { kind: 'ack' } as const;
    for (const userId of this.users) {
      const call = { verb: 'revokeAll', process: -1, session: null, userId, ttl: null } as const;
      this.operations.push({ ...call, start, end, took: end - start, outcome, audit: false });
      this.#markEnded({ verb: 'revokeAll' }, userId);
    }
  }

  live(): Issued[] {
    return this.issued.filter(({ ended }) => !ended);
  }

  ended(): Issued[] {
    return this.issued.filter(({ ended }) => ended);
  }

  #argumentsOf(call: Call, userId: string): Record<string, unknown> {
    const { session, ttl, verb } = call;
    const hashedPassword = verb === 'changePassword' ? `hash-${++this.#passwords}` : undefined;
    return { token: session?.token, userId, ttl, hashedPassword };
  }

  #markEnded({ session, verb }: Call, userId: string): void {
    if (verb === 'delete' && session !== undefined) session.ended = true;
    if (verb !== 'revokeAll' && verb !== 'changePassword') return;
    for (const each of this.issued) if (each.userId === userId) each.ended = true;
  }

  #issue({ outcome }: Reply, userId: string): Issued | undefined {
    if (outcome.kind !== 'ack' || typeof outcome.value !== 'string') return undefined;
    const session = { index: this.issued.length, userId, token: outcome.value, ended: false };
    this.issued.push(session);
    return session;
  }
}

function outcomeOf({ outcome }: Reply): Outcome {
  switch (outcome.kind) {
    case 'valid':
      return { kind: 'valid', userId: outcome.userId };
    case 'ack':
      return { kind: 'ack' };
    default:
      return outcome;
  }
}
