-- 1. What a user calls a device ------------------------------------------------------------------
-- Only the user's own list shows it, so it is no change that travels: the version stays, and
-- processes of the version before this one never read it.

ALTER TABLE "Session" ADD COLUMN "label" TEXT;
ALTER TABLE "Session" ADD CONSTRAINT "Session_label_check" CHECK (length("label") BETWEEN 1 AND 64);

-- 2. An administrator in the place of a user ------------------------------------------------------
-- A session with an actor: whose it is, and by whose session of which realm it was opened. It ends
-- with that session, whatever ends it, and with the administrator's role.

ALTER TABLE "Session"
  ADD COLUMN "actorId" TEXT,
  ADD COLUMN "actorHandle" TEXT,
  ADD CONSTRAINT "Session_actor_check" CHECK (("actorId" IS NULL) = ("actorHandle" IS NULL));

CREATE INDEX "Session_actorHandle_idx" ON "Session"("actorHandle") WHERE "actorHandle" IS NOT NULL;
CREATE INDEX "Session_actorId_idx" ON "Session"("actorId") WHERE "actorId" IS NOT NULL;

-- The session that has this digest; `refused` where the actor's session does not live, is no
-- administrator's or has an actor itself, and where the user is an administrator; no row when there
-- is no such user. `authenticatedAt` is long ago: nobody has proved that they are the user.
CREATE FUNCTION session_impersonate(
  p_handle text, p_digest text, p_actor_digest text, p_user_id text, p_realm text,
  p_ttl_ms bigint, p_ip text, p_user_agent text
) RETURNS TABLE (refused boolean, s "Session", u "User")
LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
DECLARE
  v_now timestamptz := statement_timestamp();
  v_actor "Session";
  v_admin "User";
  v_end timestamptz;
BEGIN
  -- Both users, always in one order, as every verb locks its user first; then the actor's row, so
  -- that an end of it which is under way has happened, and a later one finds what is made here.
  PERFORM 1 FROM "User" WHERE "id" IN (
    p_user_id, (SELECT "userId" FROM "Session" WHERE "digest" = p_actor_digest)
  ) ORDER BY "id" FOR NO KEY UPDATE;
  SELECT * INTO v_actor FROM "Session" WHERE "digest" = p_actor_digest AND "realm" = p_realm FOR SHARE;
  SELECT * INTO v_admin FROM "User" WHERE "id" = v_actor."userId";
  SELECT * INTO u FROM "User" WHERE "id" = p_user_id;
  IF u IS NULL THEN RETURN; END IF;

  refused := coalesce(
    NOT session_lives(v_actor, v_admin."sessionEpoch") OR v_actor."actorHandle" IS NOT NULL
      OR v_admin."role" <> 'ADMIN' OR (u)."role" = 'ADMIN',
    true
  );
  IF NOT refused THEN
    v_end := least(v_now + p_ttl_ms * interval '1 millisecond', v_actor."expiresAt");
    INSERT INTO "Session" (
      "id", "digest", "userId", "realm", "createdAt", "lastSeenAt", "authenticatedAt",
      "expiresAt", "absoluteExpiresAt", "ip", "userAgent", "epoch", "actorId", "actorHandle"
    ) VALUES (
      p_handle, p_digest, p_user_id, p_realm, v_now, v_now, to_timestamp(0), v_end, v_end,
      nullif(left(p_ip, 64), ''), left(p_user_agent, 512), (u)."sessionEpoch", v_admin."id", v_actor."id"
    )
    ON CONFLICT ("digest") DO NOTHING;
    SELECT * INTO s FROM "Session" WHERE "digest" = p_digest;
  END IF;
  RETURN NEXT;
END
$$;

-- What ends or shortens the actor's session does so to what was opened by it. Those are sessions of
-- another user, whose epoch is not raised, so they travel even where the actor's own do not.
CREATE FUNCTION session_actor_ended() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  v_quiet text := coalesce(current_setting('session.quiet', true), '');
BEGIN
  -- Most sessions opened none, and a thousand of them may end at once.
  IF NOT EXISTS (SELECT FROM "Session" WHERE "actorHandle" = OLD."id" AND "revokedAt" IS NULL) THEN
    RETURN NULL;
  END IF;
  PERFORM set_config('session.quiet', '', true);
  IF TG_OP = 'DELETE' OR NEW."revokedAt" IS NOT NULL THEN
    UPDATE "Session" SET "revokedAt" = statement_timestamp(), "revokedReason" = 'actor-ended'
    WHERE "actorHandle" = OLD."id" AND "revokedAt" IS NULL;
  ELSE
    UPDATE "Session" SET "expiresAt" = NEW."expiresAt"
    WHERE "actorHandle" = OLD."id" AND "revokedAt" IS NULL AND "expiresAt" > NEW."expiresAt";
  END IF;
  PERFORM set_config('session.quiet', v_quiet, true);
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_4_actor" AFTER UPDATE ON "Session"
FOR EACH ROW WHEN (
  OLD."actorHandle" IS NULL AND OLD."revokedAt" IS NULL
    AND (NEW."revokedAt" IS NOT NULL OR NEW."expiresAt" < OLD."expiresAt")
) EXECUTE FUNCTION session_actor_ended();

CREATE TRIGGER "Session_5_actor" AFTER DELETE ON "Session"
FOR EACH ROW WHEN (OLD."actorHandle" IS NULL AND OLD."revokedAt" IS NULL)
EXECUTE FUNCTION session_actor_ended();

CREATE FUNCTION session_actor_demoted() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE "Session" SET "revokedAt" = statement_timestamp(), "revokedReason" = 'actor-ended'
  WHERE "actorId" = NEW."id" AND "revokedAt" IS NULL;
  RETURN NULL;
END
$$;

CREATE TRIGGER "User_9_actor" AFTER UPDATE OF "role" ON "User"
FOR EACH ROW WHEN (OLD."role" = 'ADMIN' AND NEW."role" <> 'ADMIN')
EXECUTE FUNCTION session_actor_demoted();
