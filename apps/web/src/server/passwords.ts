import { hash, verify } from '@node-rs/argon2';
import { refusal } from '@repo/session-management/trpc';
import { departures, passwordQueues } from './password-queues.ts';

/** argon2id at OWASP's floor: 19 MiB, two passes. About 10 ms of one core. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const CURRENT = '$argon2id$v=19$m=19456,t=2,p=1$';

/** Takes part in every log-in that has no hash of its own, so that all cost the same. Of a random, forgotten password. */
const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$fE1EaQlBbqYQdSLgsT2eoQ$TCVMPCzTOqoZTSvRBjKUR008AdQnY1+lpvJbnSIEsno';

const ARGON2 = /^\$argon2(id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[\w+/]+\$[\w+/]+$/;

/** A hash for storage. @throws TOO_BUSY (503) when too many hashes wait already. */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password, COST));
}

/**
 * Whether the password is the one that was hashed. Without a hash (no such user, no password, a
 * format that is not ours) the same work is done and the answer is `false`.
 */
export async function verifyPassword(
  stored: string | null | undefined,
  password: string,
): Promise<boolean> {
  const usable = stored != null && ARGON2.test(stored);
  const matches = await inTurn(() => verify(usable ? stored : NOBODYS_HASH, password));
  return usable && matches;
}

/** Whether a hash was made at another cost than today's. */
export function isOutdated(stored: string): boolean {
  return !stored.startsWith(CURRENT);
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const { hashes } = passwordQueues();
  if (hashes.isFull) throw tooBusy();
  const left = departures().getStore();
  if (left === undefined) return await hashes.run(work);
  // A hash for somebody who has hung up would take the place of one for somebody who waits.
  const done = await hashes.runUnlessLeft(left, async () => ({ value: await work() }));
  if (done === null) throw tooBusy();
  return done.value;
}

const tooBusy = () => refusal('SERVICE_UNAVAILABLE', 'TOO_BUSY');
