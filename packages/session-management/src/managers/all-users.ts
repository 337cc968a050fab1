import { MAX_ALL_USERS } from '../policy/limits.ts';
import { TooManyUsersError, type User } from '../types/index.ts';

/** Users in one page. */
const PAGE = 1_000;

/** Every user, read page by page. @throws {TooManyUsersError} beyond the bound, before it reads on. */
export async function allOf(
  pageOf: (after: string | null, limit: number) => Promise<User[]>,
): Promise<User[]> {
  const users: User[] = [];
  for (let page: User[] = await pageOf(null, PAGE); page.length > 0; ) {
    users.push(...page);
    if (users.length > MAX_ALL_USERS) throw new TooManyUsersError(MAX_ALL_USERS);
    page = page.length < PAGE ? [] : await pageOf(page.at(-1)?.id ?? null, PAGE);
  }
  return users;
}
