import type { MasterNames, MonotonicClock, PresentMasters } from '../types/index.ts';

/** Between two renewals, in milliseconds. */
const RENEW_EVERY = 1_000;

/** The lease of the carrier, as one process holds it or does not. It lasts 3 s in the record. */
export class CarrierLease {
  readonly #names: MasterNames;
  readonly #owner: string;
  readonly #monotonic: MonotonicClock;
  #isHeld = false;
  #renewAt = 0;

  constructor(names: MasterNames, owner: string, monotonic: MonotonicClock) {
    this.#names = names;
    this.#owner = owner;
    this.#monotonic = monotonic;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Takes it where it is over; whether it was. */
  async take({ names }: PresentMasters): Promise<boolean> {
    this.#isHeld = await this.#names.take(this.#owner, names);
    this.#renewAt = this.#monotonic.now() + RENEW_EVERY;
    return this.#isHeld;
  }

  /**
   * Once a second, by who has worked until now. Who could not renew goes on until another holds it: what needs
   * the lease asks the record for it.
   */
  async renew(): Promise<void> {
    const now = this.#monotonic.now();
    if (now < this.#renewAt) return;
    this.#renewAt = now + RENEW_EVERY;
    this.#isHeld = await this.#names.renew(this.#owner);
  }

  async leave(): Promise<void> {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    // Where the record cannot be told, it is over by itself.
    await this.#names.release(this.#owner).catch(() => undefined);
  }
}
