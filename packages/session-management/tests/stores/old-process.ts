import { createClient } from '@redis/client';
import pg from 'pg';
import type { SessionData } from '../../src/types/index.ts';

const WEEK = 604_800;

/**
 * A process of the architecture document's design, by the document's own lines: sessions in Redis
 * under the plain sessionId, the last one in the column as well.
 */
export interface OldProcess {
  sql: pg.Pool;
  redis: ReturnType<typeof openRedis>;
  user(id: string): Promise<void>;
  /** Writes the column and the key, as its log-in does. */
  logIn(userId: string, sessionId: string, data?: Partial<SessionData>): Promise<void>;
  /** Writes the key alone, as its `createSession` does. */
  createSession(userId: string, sessionId: string, data?: Partial<SessionData>): Promise<void>;
  findBySessionId(sessionId: string): Promise<string | undefined>;
  logOut(sessionId: string): Promise<void>;
  close(): Promise<void>;
}

function openRedis(url: string) {
  return createClient({ url });
}

export async function oldProcess(databaseUrl: string, redisUrl: string): Promise<OldProcess> {
  const sql = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  const redis = openRedis(redisUrl);
  await redis.connect();
  const keyOf = (sessionId: string): string => `session:${sessionId}`;

  const old: OldProcess = {
    sql,
    redis,
    async user(id) {
      await sql.query('INSERT INTO "User" (id, email) VALUES ($1, $2)', [id, `${id}@example.com`]);
    },
    async logIn(userId, sessionId, data) {
      await sql.query(
        `UPDATE "User" SET "sessionId" = $2, "lastLoginAt" = now() AT TIME ZONE 'UTC' WHERE id = $1`,
        [userId, sessionId],
      );
      await old.createSession(userId, sessionId, data);
    },
    async createSession(userId, sessionId, data = {}) {
      const now = Date.now();
      const session = {
        user_id: userId,
        created_at: now,
        expires_at: now + WEEK * 1_000,
        ip: '203.0.113.7',
        user_agent: 'Firefox',
        ...data,
      };
      await redis.set(keyOf(sessionId), JSON.stringify(session), { EX: WEEK });
    },
    async findBySessionId(sessionId) {
      const text = await redis.get(keyOf(sessionId));
      const session: SessionData | null = text === null ? null : JSON.parse(text);
      if (session !== null && session.expires_at > Date.now()) return session.user_id;
      if (session !== null) await redis.del(keyOf(sessionId));
      const found = await sql.query<{ id: string }>(
        'SELECT id FROM "User" WHERE "sessionId" = $1',
        [sessionId],
      );
      return found.rows[0]?.id;
    },
    async logOut(sessionId) {
      const userId = await old.findBySessionId(sessionId);
      if (userId === undefined) return;
      await sql.query('UPDATE "User" SET "sessionId" = NULL WHERE id = $1', [userId]);
      await redis.del(keyOf(sessionId));
    },
    async close() {
      await sql.end();
      await redis.close();
    },
  };
  return old;
}
