import { type Server, startServer } from '../../../apps/web/tests/support/server.ts';
import { newTranscript, Visitor } from '../../../apps/web/tests/support/visitor.ts';
import type { Reply } from './application.ts';
import type { Stage } from './stage.ts';

const TRIES = 3;
const METRICS_TOKEN = 'metrics-token-of-the-faults';

/** Empty counts as not told. */
const OWN_LIMITS = {
  SESSION_REDIS_TIMEOUT: '',
  SESSION_POSTGRES_TIMEOUT: '',
  SESSION_LOOKUP_DEADLINE: '',
};

/** The web application over the stores of a stage, within the limits that it has by itself. */
export class WebApplication {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** It ends together with the stage. */
  static async start(stage: Stage): Promise<WebApplication> {
    const server = await startServer({
      ...OWN_LIMITS,
      DATABASE_URL: stage.databaseUrl,
      REDIS_URL: stage.fastStore.url,
      TRUSTED_PROXIES: '127.0.0.1, ::1',
      METRICS_TOKEN,
    });
    stage.alsoClose(() => server.stop());
    return new WebApplication(server);
  }

  /** What it has written so far. */
  get output(): string {
    return this.#server.log();
  }

  /** A browser without cookies. */
  visitor(): Visitor {
    return new Visitor(this.#server.origin, newTranscript());
  }

  /** One check of a session, as an application process answers `validate`; its time is the visitor's. */
  async call(verb: string, { token }: Record<string, unknown>): Promise<Reply> {
    if (verb !== 'validate') throw new Error(`the web application is not asked to ${verb}`);
    const visitor = this.visitor();
    visitor.cookies.set('sessionId', String(token));
    const start = performance.now();
    const { json, status } = await visitor.me();
    return { outcome: outcomeOf(status, json), took: performance.now() - start };
  }

  /** What `/api/metrics` says of one series. */
  async metric(series: string): Promise<number> {
    const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
    const { text } = await reached(() => this.visitor().send('/api/metrics', { headers }));
    const line = text.split('\n').find((each) => each.startsWith(`${series} `));
    return Number(line?.split(' ')[1] ?? 0);
  }
}

/** Asks again: a busy server may take longer to accept a connection than a client waits. */
async function reached<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the body of any answer.
function outcomeOf(status: number, json: any): Reply['outcome'] {
  if (status === 200) {
    const { id, role } = json.result.data.user;
    return { kind: 'valid', userId: id, role };
  }
  if (status === 401) return { kind: 'invalid', reason: json.error.data.sessionCode };
  return status === 503 ? { kind: 'unknown' } : { kind: 'error', code: String(status) };
}
