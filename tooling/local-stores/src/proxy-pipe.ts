import type { Socket } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { Faults } from './proxy-faults.ts';

// Beyond this the sender has to wait, as with a full socket buffer.
const MOST_WAITING_BYTES = 1_048_576;

/** What travels: bytes, or the news that the sender ended its half or broke off. */
interface Parcel {
  readonly due: number;
  readonly load: Buffer | 'end' | 'reset';
}

export interface PipeEvents {
  /** Bytes were dropped on purpose. */
  swallowed(): void;
  /** Bytes were handed on. */
  delivered(bytes: Buffer): void;
}

/** One direction of a connection. The news of an end wait their turn like the bytes before them. */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #faults: Faults;
  readonly #events: PipeEvents;
  readonly #waiting: Parcel[] = [];
  #waitingBytes = 0;
  #latest = 0;
  #pumping = false;
  #detached = false;
  #onDrop: (() => void) | null = null;

  constructor(from: Socket, to: Socket, faults: Faults, events: PipeEvents) {
    this.#from = from;
    this.#to = to;
    this.#faults = faults;
    this.#events = events;
    from.on('data', (bytes: Buffer) => this.#arrived(bytes));
    from.once('end', () => this.#queue('end'));
    from.once('close', (broken) => {
      if (broken || !from.readableEnded) this.#queue('reset');
    });
  }

  /** Drops everything from now on; tells when the next bytes came. */
  dropFromNow(onDrop: () => void): void {
    this.#onDrop = onDrop;
  }

  /** Hands on nothing any more, not even an end. */
  detach(): void {
    this.#detached = true;
    this.#waiting.length = 0;
    this.#from.resume();
  }

  #arrived(bytes: Buffer): void {
    if (this.#onDrop !== null) {
      this.#onDrop();
      return;
    }
    if (this.#faults.swallows()) {
      this.#events.swallowed();
      return;
    }
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > MOST_WAITING_BYTES) this.#from.pause();
    this.#queue(bytes);
  }

  #queue(load: Parcel['load']): void {
    if (this.#detached) return;
    // Never before what came earlier: this is TCP.
    this.#latest = Math.max(this.#latest, performance.now() + this.#faults.transit());
    this.#waiting.push({ due: this.#latest, load });
    if (!this.#pumping) void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const wait = next.due - performance.now();
      if (wait > 0) await delay(wait, undefined, { ref: false });
      await this.#faults.thawed();
      if (!this.#detached) await this.#deliver(next.load);
    }
    this.#pumping = false;
  }

  async #deliver(load: Parcel['load']): Promise<void> {
    if (load === 'end') {
      this.#to.end();
      return;
    }
    if (load === 'reset') {
      this.#to.resetAndDestroy();
      return;
    }
    for (let at = 0; at < load.length && !this.#to.destroyed; ) {
      const slice = load.subarray(at, at + this.#faults.sliceBytes);
      await write(this.#to, slice);
      at += slice.length;
      // Two turns: a reader in this process takes the slice by itself.
      if (at < load.length) await nextTurn().then(() => nextTurn());
    }
    this.#events.delivered(load);
    this.#waitingBytes -= load.length;
    if (this.#waitingBytes <= MOST_WAITING_BYTES) this.#from.resume();
  }
}

/** Also resolves when the socket breaks: its `close` tells. */
function write(to: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    to.write(bytes, () => resolve());
  });
}
