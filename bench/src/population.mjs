import { createHash } from 'node:crypto';

export const IP = '203.0.113.7';
export const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';
export const TTL_SECONDS = 604_800;

/** The same users in every peer's store; each peer opens one session for each of them. */
export function makeUsers(count) {
  return Array.from({ length: count }, (_, index) => {
    const hex = createHash('sha256').update(`user ${index}`).digest('hex');
    const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    return { id, email: `user-${index}@example.org`, name: `User ${index}` };
  });
}

/** Rows of users for one INSERT: `unnest` of columns. */
export function columnsOf(users) {
  return [
    users.map(({ id }) => id),
    users.map(({ email }) => email),
    users.map(({ name }) => name),
  ];
}
