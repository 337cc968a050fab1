import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./application.mjs', import.meta.url));
const START_DEADLINE = 60_000;
/** Longer than any promise: a call that takes this long is lost with its process. */
const CALL_DEADLINE = 15_000;

/** An answer as it comes over the wire. */
export interface Reply {
  outcome:
    | { kind: 'valid'; userId: string; role: string }
    | { kind: 'invalid'; reason: string }
    | { kind: 'unknown' }
    | { kind: 'ack'; value: unknown }
    | { kind: 'error'; code: string };
  took: number;
}

export interface ApplicationOptions {
  name: string;
  databaseUrl: string;
  redisUrl: string;
  env?: Record<string, string> | undefined;
  /** A program that runs Node, such as `strace`, with its arguments. */
  under?: readonly string[] | undefined;
}

/** One process of an application that uses the built package. */
export class Application {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  readonly #exit: Promise<unknown>;
  #asked = 0;
  #expectedToEnd = false;
  #isFrozen = false;
  output = '';

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    this.#exit = once(child, 'exit').then(() => this.#abandon());
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    child.on('message', (message: Reply & { id: number }) => {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    });
  }

  /** Resolves once its manager is made, whether the stores answer or not. */
  static async start(options: ApplicationOptions): Promise<Application> {
    const [file = process.execPath, ...before] = [...(options.under ?? []), process.execPath];
    const child = spawn(file, [...before, PROGRAM], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        SESSION_LOG_LEVEL: 'debug',
        DATABASE_URL: options.databaseUrl,
        REDIS_URL: options.redisUrl,
        ...options.env,
      },
    });
    const application = new Application(options.name, child);
    const ready = once(child, 'message');
    const ended = application.#exit.then(() => Promise.reject(application.#neverReady()));
    const late = delay(START_DEADLINE).then(() => Promise.reject(application.#neverReady()));
    await Promise.race([ready, ended, late]);
    return application;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Whether it takes calls. */
  get isServing(): boolean {
    return this.isRunning && !this.#expectedToEnd && !this.#isFrozen;
  }

  /** Whether it ended though nobody ended it. */
  get hasCrashed(): boolean {
    return !this.isRunning && !this.#expectedToEnd;
  }

  /** One call of one verb. A process that ends in the middle leaves its outcome unknown. */
  call(verb: string, args: Record<string, unknown> = {}): Promise<Reply> {
    const id = ++this.#asked;
    return new Promise((resolve) => {
      const lost = setTimeout(() => resolve(LOST), CALL_DEADLINE);
      this.#waiting.set(id, (reply) => {
        clearTimeout(lost);
        resolve(reply);
      });
      if (this.isRunning && this.#child.connected) this.#child.send({ id, verb, args });
      else this.#abandon();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Stops it; it takes no more calls until it goes on, and who called before waits. */
  freeze(): void {
    this.#isFrozen = true;
    this.signal('SIGSTOP');
  }

  goOn(): void {
    this.signal('SIGCONT');
    this.#isFrozen = false;
  }

  /** Resolves once it is gone; it takes no more calls from now on. */
  async ended(): Promise<void> {
    this.#expectedToEnd = true;
    await this.#exit;
  }

  async kill(): Promise<void> {
    this.#expectedToEnd = true;
    if (!this.isRunning) return;
    this.#child.kill('SIGKILL');
    await this.#exit;
  }

  #abandon(): void {
    for (const resolve of this.#waiting.values()) resolve(LOST);
    this.#waiting.clear();
  }

  #neverReady(): Error {
    const { exitCode, signalCode } = this.#child;
    const end = this.isRunning ? 'runs, but is not ready' : `ended with ${exitCode ?? signalCode}`;
    return new Error(`${this.name} did not start, it ${end}:\n${this.output.slice(-2_000)}`);
  }
}

const LOST: Reply = { outcome: { kind: 'unknown' }, took: 0 };
