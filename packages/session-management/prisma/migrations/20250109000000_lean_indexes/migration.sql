-- Two indexes of "Session" held a NULL for every live session: bytes to keep and to write at each
-- log-in. Worse, before PostgreSQL has statistics of the table it took "revokedAt" IS NULL, which all
-- live sessions share, for the rarest condition, and read them all to find one.

DROP INDEX "Session_revokedAt_idx";
CREATE INDEX "Session_revokedAt_idx" ON "Session"("revokedAt") WHERE "revokedAt" IS NOT NULL;

DROP INDEX "Session_previousDigest_key";
CREATE UNIQUE INDEX "Session_previousDigest_key" ON "Session"("previousDigest") WHERE "previousDigest" IS NOT NULL;

-- A batch of uses is small. Told a thousand rows, the planner read every user to join a handful.
ALTER FUNCTION session_renew(text[], bigint[], bigint[], bigint[]) ROWS 10;

-- A user's sessions are found by the user. All of them are read anyway, to be counted, listed or ended,
-- so realm and age in the index saved nothing and cost a quarter of it.
DROP INDEX "Session_userId_realm_createdAt_idx";
CREATE INDEX "Session_userId_idx" ON "Session"("userId");

-- A session in use is written once a minute ("lastSeenAt"). With a little room in its page no index
-- hears of that, and the table does not grow by it.
ALTER TABLE "Session" SET (fillfactor = 90);
