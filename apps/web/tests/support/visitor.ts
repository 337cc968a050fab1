import { randomUUID } from 'node:crypto';

export const PASSWORD = 'four unrelated words here';

/** An answer, read once. */
export interface Answer {
  status: number;
  headers: Headers;
  setCookies: string[];
  text: string;
  /** The body as JSON; `undefined` where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes.
  json: any;
}

/** What all visitors of one site were given and told, for a search for secrets. */
export interface Transcript {
  bodies: string[];
  sessionIds: string[];
  emails: string[];
}

export function newTranscript(): Transcript {
  return { bodies: [], sessionIds: [], emails: [] };
}

/** A browser as far as cookies go: keeps what `Set-Cookie` says and sends it back. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  readonly #origin: string;
  readonly #transcript: Transcript;

  constructor(origin: string, transcript: Transcript) {
    this.#origin = origin;
    this.#transcript = transcript;
  }

  get sessionId(): string {
    return this.cookies.get('sessionId') ?? '';
  }

  /** Makes an account with a new address and signs in by it; answers the address. */
  async register(email: string = newEmail()): Promise<string> {
    this.#transcript.emails.push(email);
    const answer = await this.mutate('auth.register', { email, password: PASSWORD });
    if (answer.status !== 200)
      throw new Error(`register answered ${answer.status}: ${answer.text}`);
    return email;
  }

  login(email: string, password: string = PASSWORD): Promise<Answer> {
    return this.mutate('auth.login', { email, password });
  }

  me(headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('/api/trpc/auth.me', { headers });
  }

  mutate(
    procedure: string,
    input?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.send(`/api/trpc/${procedure}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(input ?? {}),
    });
  }

  async send(path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers);
    const jar = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    if (jar && !headers.has('Cookie')) headers.set('Cookie', jar);
    const response = await fetch(this.#origin + path, { redirect: 'manual', ...init, headers });
    const text = await response.text();
    this.#transcript.bodies.push(text);
    const setCookies = response.headers.getSetCookie();
    for (const line of setCookies) this.#keep(line);
    const { status, headers: received } = response;
    return { status, headers: received, setCookies, text, json: parse(text) };
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', value = ''] = pair.split('=');
    if (value !== '') this.#transcript.sessionIds.push(value);
    if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

export function newEmail(): string {
  return `v-${randomUUID()}@example.com`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
