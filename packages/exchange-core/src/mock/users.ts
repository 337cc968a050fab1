import { type User, UserRole } from '../user.ts';

/** The password of every sample user. Public on purpose: sample users never exist in production. */
export const SAMPLE_PASSWORD = 'correct horse battery staple';

/** One administrator and two users, as new objects on each call. Their hashes are real argon2id (19 MiB, t=2, p=1). */
export function sampleUsers(): User[] {
  return [
    {
      id: 'sample-admin',
      email: 'admin@example.com',
      hashedPassword:
        '$argon2id$v=19$m=19456,t=2,p=1$8ESF20QzBYo8eBlvqG5Y+A$a2NUq5KHZbQjtD1d1vQG4RY5fpUoynJveM9+YJnctRs',
      isVerified: true,
      role: UserRole.ADMIN,
      createdAt: new Date('2025-01-01T00:00:00.000Z'),
    },
    {
      id: 'sample-ada',
      email: 'ada@example.com',
      hashedPassword:
        '$argon2id$v=19$m=19456,t=2,p=1$k8l3JpYpxbVlMAvR1ZcTQA$db/RWHRW7IlV/7JTxqiseWmw7T4BA5w5b5lON52DwMo',
      isVerified: true,
      role: UserRole.USER,
      createdAt: new Date('2025-01-02T00:00:00.000Z'),
    },
    {
      id: 'sample-grace',
      email: 'grace@example.com',
      hashedPassword:
        '$argon2id$v=19$m=19456,t=2,p=1$u3rXBMQldLJcF1JC7hxdvQ$b/PRqZGjsnjsUZ9eLCxxw6TdDqwlxC0nftZqvkZBiWo',
      isVerified: false,
      role: UserRole.USER,
      createdAt: new Date('2025-01-03T00:00:00.000Z'),
    },
  ];
}
