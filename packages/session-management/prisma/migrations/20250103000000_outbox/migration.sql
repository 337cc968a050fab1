-- What copies must learn of, written in the transaction that changes it. TRUNCATE fires none of
-- this: copies then follow by their age.

CREATE TABLE "Outbox" (
  "id" BIGSERIAL NOT NULL,
  "kind" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "realm" TEXT,
  "isEnd" BOOLEAN NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "appliedTo" TEXT,
  "claimedUntil" TIMESTAMPTZ(3),

  CONSTRAINT "Outbox_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Outbox_kind_check" CHECK (("kind", "realm" IS NULL) IN (('session', false), ('user', true)))
);

-- Rows in the order of their turn: those that wait, and those that a master has.
CREATE INDEX "Outbox_waiting_idx" ON "Outbox"("isEnd" DESC, "id") WHERE "appliedTo" IS NULL;
CREATE INDEX "Outbox_done_idx" ON "Outbox"("appliedTo", "isEnd" DESC, "id") WHERE "appliedTo" IS NOT NULL;
CREATE INDEX "Outbox_createdAt_idx" ON "Outbox"("createdAt");

-- 1. What writes a row ---------------------------------------------------------------------------
-- The version is the one list of what travels. `session.quiet` = on in a transaction says that
-- something else tells the copies: the epoch of a user, or a command that drops them all.

-- PostgreSQL merges equal notices of one transaction, so a thousand ends give one.
CREATE FUNCTION session_notify() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('session_changes', '');
  RETURN NULL;
END
$$;

CREATE TRIGGER "Outbox_1_notify" AFTER INSERT ON "Outbox"
FOR EACH ROW WHEN (NEW."isEnd" OR NEW."kind" = 'user') EXECUTE FUNCTION session_notify();

-- Every key that the row was and is known by. An end is whatever a copy would still take for live.
CREATE FUNCTION session_outbox_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "Outbox" ("kind", "key", "realm", "isEnd")
  SELECT DISTINCT 'session', known.digest, known.realm,
    (NEW."digest", NEW."previousDigest", NEW."userId", NEW."realm", NEW."revokedAt")
      IS DISTINCT FROM (OLD."digest", OLD."previousDigest", OLD."userId", OLD."realm", OLD."revokedAt")
    OR NEW."expiresAt" < OLD."expiresAt" OR NEW."epoch" < OLD."epoch"
  FROM (VALUES
    (NEW."digest", NEW."realm"), (NEW."previousDigest", NEW."realm"),
    (OLD."digest", OLD."realm"), (OLD."previousDigest", OLD."realm")
  ) AS known(digest, realm)
  WHERE known.digest IS NOT NULL;
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_2_outbox" AFTER UPDATE ON "Session"
FOR EACH ROW WHEN (NEW."version" <> OLD."version" AND current_setting('session.quiet', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION session_outbox_changed();

-- Only of what lived. Where the user goes too, it is gone by now, and its own row tells of all.
CREATE FUNCTION session_outbox_deleted() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "Outbox" ("kind", "key", "realm", "isEnd")
  SELECT 'session', known.digest, OLD."realm", true
  FROM (VALUES (OLD."digest"), (OLD."previousDigest")) AS known(digest)
  WHERE known.digest IS NOT NULL
    AND EXISTS (SELECT 1 FROM "User" owner WHERE owner."id" = OLD."userId" AND session_lives(OLD, owner."sessionEpoch"));
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_3_outbox" AFTER DELETE ON "Session"
FOR EACH ROW EXECUTE FUNCTION session_outbox_deleted();

CREATE FUNCTION session_outbox_user_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "Outbox" ("kind", "key", "isEnd") VALUES ('user', NEW."id", NEW."sessionEpoch" > OLD."sessionEpoch");
  IF NEW."id" <> OLD."id" THEN
    INSERT INTO "Outbox" ("kind", "key", "isEnd") VALUES ('user', OLD."id", true);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER "User_7_outbox" AFTER UPDATE ON "User"
FOR EACH ROW WHEN ((NEW."version" <> OLD."version" OR NEW."id" <> OLD."id") AND current_setting('session.quiet', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION session_outbox_user_changed();

CREATE FUNCTION session_outbox_user_deleted() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "Outbox" ("kind", "key", "isEnd") VALUES ('user', OLD."id", true);
  RETURN NULL;
END
$$;

CREATE TRIGGER "User_8_outbox" AFTER DELETE ON "User"
FOR EACH ROW EXECUTE FUNCTION session_outbox_user_deleted();

-- 2. The rows that an epoch ends do not travel ------------------------------------------------------

CREATE OR REPLACE FUNCTION session_keep_ended() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF OLD."revokedAt" IS NOT NULL THEN
    NEW."revokedAt" := OLD."revokedAt";
    NEW."revokedReason" := OLD."revokedReason";
  END IF;

  IF current_setting('session.quiet', true) IS DISTINCT FROM 'on' AND
    (NEW."digest", NEW."previousDigest", NEW."userId", NEW."realm", NEW."authenticatedAt", NEW."expiresAt", NEW."absoluteExpiresAt", NEW."revokedAt", NEW."epoch")
    IS DISTINCT FROM
    (OLD."digest", OLD."previousDigest", OLD."userId", OLD."realm", OLD."authenticatedAt", OLD."expiresAt", OLD."absoluteExpiresAt", OLD."revokedAt", OLD."epoch")
  THEN
    NEW."version" := OLD."version" + 1;
  END IF;
  RETURN NEW;
END
$$;

-- The kept session goes on with a new epoch, so it travels.
CREATE OR REPLACE FUNCTION session_user_epoch() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  v_quiet text := coalesce(current_setting('session.quiet', true), '');
BEGIN
  UPDATE "Session" s SET "epoch" = NEW."sessionEpoch"
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
