import type { appRouter } from './routers/index.ts';

type Routers = (typeof appRouter)['_def']['record'];
type Procedure = {
  [R in keyof Routers & string]: `${R}.${keyof Routers[R] & string}`;
}[keyof Routers & string];

/** Whether a procedure hashes a password. The compiler asks for each new one. */
const HASHES: Readonly<Record<Procedure, boolean>> = {
  'admin.changeRole': false,
  'admin.health': false,
  'admin.revoke': false,
  'admin.revokeAll': false,
  'admin.sessions': false,
  'admin.users': false,
  'auth.changePassword': true,
  'auth.confirmIdentity': true,
  'auth.login': true,
  'auth.logout': false,
  'auth.me': false,
  'auth.register': true,
  'impersonation.begin': false,
  'impersonation.stop': false,
  'sessions.list': false,
  'sessions.rename': false,
  'sessions.revoke': false,
  'sessions.revokeAll': false,
  'sessions.revokeOthers': false,
};
const KNOWN: ReadonlyMap<string, boolean> = new Map(Object.entries(HASHES));

export const LOG_IN: Procedure = 'auth.login';

export const MOST_BODY_BYTES = 16 * 1024;
const MOST_CALLS = 10;
/** Next.js and tRPC decode once each. More often than this does nobody, and each time costs. */
const MOST_DECODINGS = 4;

/** The names of a call, or of the calls of a batch; `null` where they cannot be decoded. */
export function callsOf(path: string): string[] | null {
  let names = path;
  for (let time = 0; time < MOST_DECODINGS; time += 1) {
    const decoded = decodedOnce(names);
    if (decoded === names) return names.split(',');
    if (decoded === null) return null;
    names = decoded;
  }
  return null;
}

function decodedOnce(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Why none of these calls may run; `null` when they may. */
export function batchRefusal(
  calls: readonly string[],
): 'too-many-calls' | 'too-many-passwords' | null {
  if (calls.length > MOST_CALLS) return 'too-many-calls';
  const passwords = calls.filter((name) => KNOWN.get(name) === true);
  return passwords.length > 1 ? 'too-many-passwords' : null;
}

/** What is no name of ours may: Next.js reads some addresses in ways of its own. */
export function mayHash(name: string): boolean {
  return KNOWN.get(name) ?? true;
}
