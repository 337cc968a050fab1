import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from './fault.ts';
import type { Random } from './random.ts';
import type { Call } from './recorder.ts';
import type { Stage } from './stage.ts';

const CLIENTS = 24;
/** Of all clients together. */
const CALLS_PER_SECOND = 240;
const RECENT = 40;
const HOUR = 3_600;

/** Out of a thousand turns; the rest are lookups of live sessions. */
const MIX = {
  ended: 150,
  confirm: 50,
  create: 50,
  delete: 25,
  extend: 20,
  brief: 15,
  revokeAll: 8,
  revokeOthers: 4,
  changePassword: 4,
  setRole: 6,
};

/** Clients that each turn by turn do what visitors do, at a bounded rate. */
export class Load implements Running {
  readonly #stage: Stage;
  readonly #clients: Promise<void>[];
  readonly #period: number;
  readonly #changes: Promise<void>[] = [];
  #isOn = true;

  constructor(stage: Stage, callsPerSecond: number = CALLS_PER_SECOND) {
    this.#stage = stage;
    this.#period = (1_000 * CLIENTS) / callsPerSecond;
    this.#clients = Array.from({ length: CLIENTS }, () => this.#client(stage.random.fork()));
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await Promise.all(this.#clients);
    await Promise.all(this.#changes);
  }

  async #client(random: Random): Promise<void> {
    await delay(random.below(this.#period));
    while (this.#isOn) {
      const next = delay(this.#period);
      const running = this.#stage.applications.flatMap((each, place) =>
        each.isServing ? [place] : [],
      );
      const process = random.pick(running);
      const call = this.#turn(random);
      // Nobody waits for an operator.
      if (call?.verb === 'setRole') this.#changes.push(this.#changeRole(call.userId));
      else if (process !== undefined && call !== null) await this.#stage.call(process, call);
      await next;
    }
  }

  #changeRole(userId = ''): Promise<void> {
    const isAdmin = this.#stage.recorder.roles.get(userId) === 'ADMIN';
    return this.#stage.setRole(userId, isAdmin ? 'USER' : 'ADMIN');
  }

  #turn(random: Random): Call | null {
    const { recorder } = this.#stage;
    const turn = drawn(random);
    const userId = random.pick(recorder.users);
    const session = random.pick(
      turn === 'ended' ? recorder.ended().slice(-RECENT) : recorder.live(),
    );
    switch (turn) {
      case 'create':
        return { verb: 'create', userId, ttl: HOUR };
      case 'brief':
        return { verb: 'create', userId, ttl: 2 };
      case 'revokeAll':
      case 'changePassword':
      case 'setRole':
        return { verb: turn, userId };
      case 'ended': {
        const verb = random.below(3) === 0 ? 'confirm' : 'validate';
        return session === undefined ? null : { verb, session };
      }
      case 'extend':
        return session === undefined ? null : { verb: 'extend', session, ttl: HOUR };
      default:
        return session === undefined ? null : { verb: turn, session };
    }
  }
}

type Turn = keyof typeof MIX | 'validate';

function drawn(random: Random): Turn {
  let left = random.below(1_000);
  for (const [turn, share] of Object.entries(MIX)) {
    left -= share;
    if (left < 0) return turn as Turn;
  }
  return 'validate';
}
