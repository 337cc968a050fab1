import { randomUUID } from 'node:crypto';
import { type CreateUserData, normalizeEmail, type User, UserRole } from '../user.ts';
import { sampleUsers } from './users.ts';

/** Somebody already has this address. Recognise it by `code`: a bundler may load this module twice. */
export class EmailTakenError extends Error {
  override readonly name = 'EmailTakenError';
  readonly code = 'EMAIL_TAKEN';

  constructor() {
    super('another user already has this e-mail address; sign in, or use another address');
  }
}

/** The users of mock mode. Knows no session: those are the session package's. */
export interface MockUserManager {
  findByEmail(email: string): Promise<User | undefined>;
  findById(id: string): Promise<User | undefined>;
  /** @throws {EmailTakenError} when another user has the address in any case. */
  create(userData: CreateUserData): Promise<User>;
  /** `null` when there is no such user. Keys whose value is `undefined` are left as they are. */
  update(id: string, updateData: Partial<User>): Promise<User | null>;
  /** Whether there was such a user. */
  delete(id: string): Promise<boolean>;
  getAll(): Promise<User[]>;
  count(): Promise<number>;
}

/**
 * Users in the memory of this process, starting with those given.
 *
 * Check and write happen in one step, so parallel sign-ups of one address give one account.
 */
export function createUserManager(initial: readonly User[] = []): MockUserManager {
  const users = new Map(initial.map((user) => [user.id, { ...user }]));

  const ownerOf = (email: string): User | undefined => {
    const wanted = normalizeEmail(email);
    return [...users.values()].find((user) => user.email === wanted);
  };
  const copyOf = (user: User | undefined): User | undefined => (user ? { ...user } : undefined);

  return {
    findByEmail: async (email) => copyOf(ownerOf(email)),
    findById: async (id) => copyOf(users.get(id)),
    async create(userData) {
      if (ownerOf(userData.email)) throw new EmailTakenError();
      const user: User = {
        ...userData,
        email: normalizeEmail(userData.email),
        role: userData.role ?? UserRole.USER,
        isVerified: userData.isVerified ?? false,
        id: randomUUID(),
        createdAt: new Date(),
      };
      users.set(user.id, user);
      return { ...user };
    },
    async update(id, updateData) {
      const current = users.get(id);
      if (!current) return null;
      const given = Object.fromEntries(
        Object.entries(updateData).filter(([, value]) => value !== undefined),
      ) as Partial<User>;
      const next: User = { ...current, ...given, id };
      next.email = normalizeEmail(next.email);
      const owner = ownerOf(next.email);
      if (owner && owner.id !== id) throw new EmailTakenError();
      users.set(id, next);
      return { ...next };
    },
    delete: async (id) => users.delete(id),
    getAll: async () => [...users.values()].map((user) => ({ ...user })),
    count: async () => users.size,
  };
}

const SLOT = Symbol.for('@repo/exchange-core/user-manager');
const shared = globalThis as { [SLOT]?: MockUserManager };

/** The sample users that mock mode signs in. One per process, however often a bundler loads this module. */
export const userManager: MockUserManager = shared[SLOT] ?? createUserManager(sampleUsers());
shared[SLOT] = userManager;
