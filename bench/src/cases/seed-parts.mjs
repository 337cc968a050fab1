import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { IP, TTL_SECONDS, USER_AGENT } from '../population.mjs';
import { withPostgres } from '../stores.mjs';

const FIRST_MIGRATION = 'prisma/migrations/20250101000000_user/migration.sql';
export const COLUMNS =
  '"id", "email", "hashedPassword", "isVerified", "role", "createdAt", "lastLoginAt", "sessionId"';

/** The value that the document's design keeps under `session:{sessionId}`. */
export function documentSession(userId, ttl) {
  const now = Date.now();
  return {
    user_id: userId,
    created_at: now,
    expires_at: now + ttl * 1_000,
    ip: IP,
    user_agent: USER_AGENT,
  };
}

/** A database with the document's one table, and its users. */
export async function seedDatabase(stores, users, sessionIds) {
  const url = await stores.newDatabase();
  await withPostgres(url, async (client) => {
    await client.query(readFileSync(join(packageFolder(), FIRST_MIGRATION), 'utf8'));
    await client.query(
      `INSERT INTO "User" ("id", "email", "hashedPassword", "lastLoginAt", "sessionId")
       SELECT id, email, 'none', now(), session FROM unnest($1::text[], $2::text[], $3::text[]) AS t(id, email, session)`,
      [users.map(({ id }) => id), users.map(({ email }) => email), sessionIds],
    );
    await client.query('ANALYZE "User"');
  });
  return url;
}

/**
 * The document's `findBySessionId`, to the letter: Redis first, then the user by id from PostgreSQL
 * every time; what Redis does not know is looked up in the column `User.sessionId`.
 */
export function findBySessionId(redis, users) {
  return async (sessionId) => {
    const text = await redis.get(`session:${sessionId}`);
    const session = text === null ? null : JSON.parse(text);
    if (session !== null && session.expires_at > Date.now()) {
      return await users.findById(session.user_id);
    }
    if (session !== null) await redis.del(`session:${sessionId}`);
    return await users.findBySessionId(sessionId);
  };
}

/** The document's log-in: the column of the user, then the copy in Redis. */
export function createSession(redis, users, newSessionId) {
  return async (userId) => {
    const sessionId = newSessionId();
    await users.update(userId, sessionId);
    const text = JSON.stringify(documentSession(userId, TTL_SECONDS));
    await redis.set(`session:${sessionId}`, text, 'EX', TTL_SECONDS);
    return sessionId;
  };
}

function packageFolder() {
  const door = createRequire(import.meta.url).resolve('@repo/session-management');
  return dirname(dirname(door));
}
