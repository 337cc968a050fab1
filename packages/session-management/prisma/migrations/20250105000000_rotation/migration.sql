-- Rotation: a session gets a new sessionId and keeps its handle. The digest of before is honoured for a
-- grace, so that requests under way are not refused, and never again.

ALTER TABLE "Session" ADD COLUMN "rotationDue" BOOLEAN NOT NULL DEFAULT false;

-- A session as its previous digest knows it: with that digest, at most until the grace is over; then
-- refused, with the reason `past-grace`. A previous digest without an instant has no grace left.
CREATE FUNCTION session_before(s "Session", p_grace interval) RETURNS "Session"
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
  v_end timestamptz := coalesce(s."rotatedAt" + p_grace, '-infinity');
BEGIN
  s."digest" := s."previousDigest";
  s."rotationDue" := false;
  IF v_end > statement_timestamp() THEN
    s."expiresAt" := least(s."expiresAt", v_end);
  ELSIF s."revokedAt" IS NULL AND s."expiresAt" > statement_timestamp() THEN
    s."revokedAt" := v_end;
    s."revokedReason" := 'past-grace';
  END IF;
  RETURN s;
END
$$;

-- Gives the live session with this digest the next one. One row for each digest that names it now, the
-- next and the previous; `ended` is the digest whose grace this rotation cut short. Where nothing
-- rotated, the one row of what the digest names; none when it names nothing. Said twice, one rotation.
CREATE FUNCTION session_rotate(p_digest text, p_next text, p_grace interval)
RETURNS TABLE (s "Session", u "User", ended text)
LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
DECLARE
  v_epoch integer;
  v_old "Session";
BEGIN
  -- The user first, as every verb that locks both: the column "sessionId" may name the session.
  SELECT owner."sessionEpoch" INTO v_epoch FROM "User" owner
  WHERE owner."id" = (SELECT known."userId" FROM "Session" known WHERE known."digest" = p_digest)
  FOR NO KEY UPDATE;

  SELECT known.* INTO v_old FROM "Session" known WHERE known."digest" = p_digest FOR UPDATE;
  IF FOUND AND session_lives(v_old, v_epoch) THEN
    ended := v_old."previousDigest";
    UPDATE "Session" now
    SET "digest" = p_next, "previousDigest" = p_digest, "rotatedAt" = clock_timestamp(), "rotationDue" = false
    WHERE now."id" = v_old."id";
  END IF;

  RETURN QUERY
    SELECT known.s, owner, ended FROM (
      SELECT now AS s FROM "Session" now
      WHERE now."digest" = p_digest OR (now."digest" = p_next AND now."previousDigest" = p_digest)
      UNION ALL
      SELECT session_before(now, p_grace) FROM "Session" now WHERE now."previousDigest" = p_digest
    ) known JOIN "User" owner ON owner."id" = (known.s)."userId";
END
$$;

-- The column "sessionId" goes on naming the session that it named, so that clearing it signs out.
CREATE FUNCTION session_inbox_follow() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE "User" SET "sessionId" = 'sha256:' || NEW."digest"
  WHERE "id" = NEW."userId" AND "sessionId" = 'sha256:' || OLD."digest";
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_4_inbox" AFTER UPDATE OF "digest" ON "Session"
FOR EACH ROW WHEN (NEW."digest" <> OLD."digest") EXECUTE FUNCTION session_inbox_follow();

-- As before, and a sessionId that was rotated away opens nothing when it is written again.
CREATE OR REPLACE FUNCTION session_inbox_file() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  v_hashed text := coalesce(current_setting('session.inbox', true), '');
  v_digest text := substr(NEW."sessionId", 8);
  v_end timestamptz := statement_timestamp() + interval '604800 seconds';
BEGIN
  IF position(v_digest || ' ' IN v_hashed) = 0 THEN RETURN NULL; END IF;

  PERFORM set_config('session.inbox', replace(v_hashed, v_digest || ' ', ''), true);
  IF EXISTS (SELECT 1 FROM "Session" known WHERE known."previousDigest" = v_digest) THEN RETURN NULL; END IF;

  INSERT INTO "Session" ("id", "digest", "userId", "createdAt", "lastSeenAt", "authenticatedAt", "expiresAt", "absoluteExpiresAt", "epoch")
  VALUES (session_handle(), v_digest, NEW."id", statement_timestamp(), statement_timestamp(), statement_timestamp(), v_end, v_end, NEW."sessionEpoch")
  ON CONFLICT ("digest") DO NOTHING;
  RETURN NULL;
END
$$;

-- As before, and the session that is kept gets the digest in `session.next`, if there is one.
CREATE OR REPLACE FUNCTION session_user_epoch() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  v_quiet text := coalesce(current_setting('session.quiet', true), '');
  v_next text := nullif(current_setting('session.next', true), '');
BEGIN
  UPDATE "Session" s SET
    "epoch" = NEW."sessionEpoch",
    "digest" = coalesce(v_next, s."digest"),
    "previousDigest" = CASE WHEN v_next IS NULL THEN s."previousDigest" ELSE s."digest" END,
    "rotatedAt" = CASE WHEN v_next IS NULL THEN s."rotatedAt" ELSE clock_timestamp() END,
    "rotationDue" = v_next IS NULL AND s."rotationDue"
  WHERE s."id" = current_setting('session.keep', true) AND s."userId" = NEW."id" AND session_lives(s, OLD."sessionEpoch");

  PERFORM set_config('session.quiet', 'on', true);
  UPDATE "Session" s SET
    "revokedAt" = statement_timestamp(),
    "revokedReason" = coalesce(nullif(current_setting('session.reason', true), ''), 'password-changed')
  WHERE s."userId" = NEW."id" AND s."epoch" < NEW."sessionEpoch" AND session_lives(s, 0);
  PERFORM set_config('session.quiet', v_quiet, true);
  RETURN NULL;
END
$$;

-- A role makes a session worth more or less than its id was when it was handed out: it is due for a
-- rotation, by the next answer that can carry a cookie.
CREATE FUNCTION session_user_role() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE "Session" s SET "rotationDue" = true
  WHERE s."userId" = NEW."id" AND NOT s."rotationDue" AND session_lives(s, NEW."sessionEpoch");
  RETURN NULL;
END
$$;

CREATE TRIGGER "User_9_role" AFTER UPDATE OF "role" ON "User"
FOR EACH ROW WHEN (NEW."role" <> OLD."role") EXECUTE FUNCTION session_user_role();

-- As before; being due travels, too.
CREATE OR REPLACE FUNCTION session_keep_ended() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF OLD."revokedAt" IS NOT NULL THEN
    NEW."revokedAt" := OLD."revokedAt";
    NEW."revokedReason" := OLD."revokedReason";
  END IF;

  IF current_setting('session.quiet', true) IS DISTINCT FROM 'on' AND
    (NEW."digest", NEW."previousDigest", NEW."userId", NEW."realm", NEW."authenticatedAt", NEW."expiresAt", NEW."absoluteExpiresAt", NEW."revokedAt", NEW."epoch", NEW."rotationDue")
    IS DISTINCT FROM
    (OLD."digest", OLD."previousDigest", OLD."userId", OLD."realm", OLD."authenticatedAt", OLD."expiresAt", OLD."absoluteExpiresAt", OLD."revokedAt", OLD."epoch", OLD."rotationDue")
  THEN
    NEW."version" := OLD."version" + 1;
  END IF;
  RETURN NEW;
END
$$;
