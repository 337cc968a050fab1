import { NETWORK_KNOWN } from '../policy/log-in-limits.ts';
import {
  type Admission,
  type AttemptGate,
  type AttemptKeys,
  type AttemptStore,
  type LimitName,
  type LogInLimits,
  LogInThrottledError,
} from '../types/index.ts';

/** An attempt where it was counted. */
interface Taken {
  key: string;
  leftMs: number;
}

/** What counts against who comes from a network that the account knows: its own failures there. */
const OF_FRIENDS: readonly LimitName[] = ['accountAndNetwork'];
/** The network first: who is stopped there makes no key, whatever names he tries. */
const OF_STRANGERS: readonly LimitName[] = ['network', 'accountAndNetwork', 'account'];

/**
 * Counts attempts against limits in one store.
 *
 * The attempt is counted before anything is looked at, so that of many at once no more are looked at
 * than the limits say. One that is refused counts nowhere: who is stopped at one network cannot use up
 * what an account has left elsewhere.
 */
export class LimitedAttempts implements AttemptGate {
  readonly #store: AttemptStore;
  readonly #limits: LogInLimits;

  constructor(store: AttemptStore, limits: LogInLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /** A network that the account knows is stopped by nothing that strangers do elsewhere. */
  async logIn(keys: AttemptKeys): Promise<Admission> {
    const isKnown = keys.known !== null && (await this.#store.knows(keys.known));
    const taken = await this.#takeAll(isKnown ? OF_FRIENDS : OF_STRANGERS, keys);
    return {
      succeeded: async () => {
        const others = taken.filter(({ key }) => key !== keys.accountAndNetwork);
        await Promise.all([
          this.#store.forget(keys.accountAndNetwork),
          this.#remember(keys),
          this.#giveBack(others),
        ]);
      },
      withdraw: () => this.#giveBack(taken),
    };
  }

  async signUp(keys: AttemptKeys): Promise<Admission> {
    const taken = await this.#takeAll(['signUp'], keys);
    return {
      succeeded: () => this.#remember(keys),
      withdraw: () => this.#giveBack(taken),
    };
  }

  async #takeAll(names: readonly LimitName[], keys: AttemptKeys): Promise<Taken[]> {
    const taken: Taken[] = [];
    for (const name of names) {
      const key = keys[name];
      const { granted, leftMs } = await this.#store.take(key, this.#limits[name]);
      if (!granted) {
        await this.#giveBack(taken);
        throw new LogInThrottledError(leftMs);
      }
      taken.push({ key, leftMs });
    }
    return taken;
  }

  async #remember({ known }: AttemptKeys): Promise<void> {
    if (known !== null) await this.#store.remember(known, NETWORK_KNOWN);
  }

  async #giveBack(taken: readonly Taken[]): Promise<void> {
    await Promise.all(taken.map(({ key, leftMs }) => this.#store.takeBack(key, leftMs)));
  }
}
