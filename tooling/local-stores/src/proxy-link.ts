import type { Socket } from 'node:net';
import { Detector, type Faults } from './proxy-faults.ts';
import { Pipe } from './proxy-pipe.ts';

/** What all connections through one proxy have in common. */
export interface Circumstances {
  readonly toServer: Faults;
  readonly toClient: Faults;
  readonly counts: Counts;
  /** The request whose answer is to be lost, null when none is. */
  lostRequest: { readonly text: string } | null;
}

export interface Counts {
  /** Connections since the start. */
  accepted: number;
  bytesToServer: number;
  bytesToClient: number;
  /** Chunks that `swallowReplies` dropped. */
  swallowed: number;
  /** Connections that `cutAfterRequestContaining` cut. */
  lostAnswers: number;
}

/** One connection through a proxy. */
export class Link {
  /** Resolves when both sides are closed. */
  readonly closed: Promise<unknown>;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #around: Circumstances;
  readonly #requests: Pipe;
  readonly #replies: Pipe;
  #watch: { readonly request: object; readonly detector: Detector } | null = null;

  constructor(client: Socket, server: Socket, around: Circumstances) {
    this.#client = client;
    this.#server = server;
    this.#around = around;
    for (const socket of [client, server]) prepare(socket);
    this.closed = Promise.all([client, server].map(closing));
    const { counts } = around;
    this.#requests = new Pipe(client, server, around.toServer, {
      swallowed: () => undefined,
      delivered: (bytes) => {
        counts.bytesToServer += bytes.length;
        this.#lookFor(bytes);
      },
    });
    this.#replies = new Pipe(server, client, around.toClient, {
      swallowed: () => {
        counts.swallowed++;
      },
      delivered: (bytes) => {
        counts.bytesToClient += bytes.length;
      },
    });
  }

  /** Breaks it off on both sides at once, with RST. */
  reset(): void {
    this.#requests.detach();
    this.#replies.detach();
    breakOff(this.#client);
    breakOff(this.#server);
  }

  /** Ends it on both sides, whatever still waits to be written. */
  destroy(): void {
    this.#requests.detach();
    this.#replies.detach();
    this.#client.destroy();
    this.#server.destroy();
  }

  #lookFor(bytes: Buffer): void {
    const request = this.#around.lostRequest;
    if (request === null) return;

    if (this.#watch?.request !== request) {
      this.#watch = { request, detector: new Detector(request.text) };
    }
    if (!this.#watch.detector.sees(bytes)) return;
    this.#around.lostRequest = null;
    this.#replies.dropFromNow(() => this.#loseAnswer());
  }

  /** RST to the client; to the server a FIN, which lets it carry out what it has got. */
  #loseAnswer(): void {
    if (this.#client.destroyed) return;
    this.#around.counts.lostAnswers++;
    this.#requests.detach();
    this.#client.resetAndDestroy();
    this.#server.end();
  }
}

/** With RST; where bytes wait that nobody takes, Node would wait for them for ever. */
function breakOff(socket: Socket): void {
  if (socket.writableLength > 0 || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function prepare(socket: Socket): void {
  socket.setNoDelay(true);
  socket.unref();
  // What broke is told to the other side by `close`.
  socket.on('error', () => undefined);
}

/** Node tells no `close` of a socket whose reset the system refuses, as while it is shut down. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.syscall === 'reset') resolve();
    });
  });
}
