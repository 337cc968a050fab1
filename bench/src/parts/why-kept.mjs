import { hash } from 'node:crypto';
import { monotonicMs } from './watching.mjs';

/**
 * What each store and this process say of a session that was revoked and is still accepted here:
 * whether the revoke was acknowledged, the record has ended, its outbox row is applied, its tombstone
 * is in Redis, and whether a near copy answered, which then missed a push.
 */
export async function whyKept({ manager, pool, redis }, sessionId, reply) {
  const digest = hash('sha256', sessionId, 'base64url');
  const before = (await manager.health()).nearCopies.hits;
  const asked = await manager.validateSession(sessionId).catch(({ code }) => ({ status: code }));
  const { nearCopies, propagation } = await manager.health();
  const record = await pool.query(
    `SELECT sessions.lives(s, o) AS lives FROM sessions."Session" s JOIN sessions."Subject" o ON o."id" = s."subject"
     WHERE s."digest" = sessions.digest_named($1)`,
    [digest],
  );
  const outbox = await pool.query(
    `SELECT "appliedTo" IS NOT NULL AS applied, "claimedUntil" > now() AS claimed,
       extract(epoch FROM now() - "createdAt")::float8 AS age
     FROM sessions."Outbox" WHERE "key" = $1`,
    [digest],
  );
  const copy = await redis.get(`session:${digest}`);
  const confirmed = await manager
    .validateSession(sessionId, { confirm: true })
    .catch(({ code }) => ({ status: code }));
  return {
    sinceRevoked: Math.round(monotonicMs() - reply.answered),
    revokeFailed: reply.error,
    status: asked.status,
    near: nearCopies.hits > before,
    recordEnded: record.rows[0]?.lives === false,
    outbox: outbox.rows,
    copy: copy === null ? 'none' : copy.includes('user_id') ? 'live' : 'tombstone',
    confirmed: confirmed.status,
    propagation,
  };
}
