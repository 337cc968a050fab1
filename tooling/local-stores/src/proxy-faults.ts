/** What one direction of a proxy does to the bytes that pass, changed while they do. */
export class Faults {
  delayMs = 0;
  jitterMs = 0;
  sliceBytes = Number.POSITIVE_INFINITY;
  /** How many of the next chunks are dropped. */
  swallow = 0;
  #draw = 1;
  #frozen: { readonly thawed: Promise<void>; readonly thaw: () => void } | null = null;

  freeze(): void {
    if (this.#frozen !== null) return;
    let thaw = (): void => undefined;
    const thawed = new Promise<void>((resolve) => {
      thaw = resolve;
    });
    this.#frozen = { thawed, thaw };
  }

  heal(): void {
    this.delayMs = 0;
    this.jitterMs = 0;
    this.sliceBytes = Number.POSITIVE_INFINITY;
    this.swallow = 0;
    this.#frozen?.thaw();
    this.#frozen = null;
  }

  async thawed(): Promise<void> {
    while (this.#frozen !== null) await this.#frozen.thawed;
  }

  /** How long a chunk that comes now is on its way, in milliseconds. */
  transit(): number {
    return this.delayMs + (this.jitterMs > 0 ? this.#below(this.jitterMs + 1) : 0);
  }

  /** Decided, so that what is played twice is played alike (the constants are Numerical Recipes'). */
  #below(limit: number): number {
    this.#draw = (Math.imul(this.#draw, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#draw / 2 ** 32) * limit);
  }

  /** Whether the chunk that comes now is dropped. */
  swallows(): boolean {
    if (this.swallow === 0) return false;
    this.swallow--;
    return true;
  }
}

/** Finds a text in a stream, also where it is spread over several chunks. */
export class Detector {
  readonly #text: Buffer;
  #tail = Buffer.alloc(0);

  constructor(text: string) {
    this.#text = Buffer.from(text);
  }

  sees(chunk: Buffer): boolean {
    const seen = Buffer.concat([this.#tail, chunk]);
    this.#tail = seen.subarray(Math.max(0, seen.length - this.#text.length + 1));
    return seen.includes(this.#text);
  }
}
