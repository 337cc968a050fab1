import { refusal } from '@repo/session-management/trpc';

/** What the shortest password that we take has: shorter ones of the list need not be kept. */
const SHORTEST = 8;

let list: Promise<ReadonlySet<string>> | null = null;

/**
 * Refuses a new password that is guessed first: one of the common ones, however its letters are
 * cased, or the user's own e-mail address (NIST SP 800-63B). Asks no service: the list is a package.
 *
 * @param field - Of the input that holds the password, for the answer to name.
 * @throws PASSWORD_TOO_COMMON (400)
 */
export async function refuseCommon(password: string, email: string, field: string): Promise<void> {
  const guess = guessOf(password);
  if (guess !== guessOf(email) && !(await commonPasswords()).has(guess)) return;
  throw refusal('BAD_REQUEST', 'PASSWORD_TOO_COMMON', [field]);
}

/** One spelling of what looks the same. Only for this comparison: a password is hashed as it was typed. */
function guessOf(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

/** Loaded when the first password is chosen: about 50 ms and 2 MB, which a log-in need not pay. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  list ??= load();
  return list;
}

async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common'].filter(({ length }) => length >= SHORTEST));
}
