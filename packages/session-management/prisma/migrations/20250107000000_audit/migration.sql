-- Who opened and ended which session, kept longer than the sessions themselves. The triggers that
-- write it are off until `session-management audit on`, so that nobody pays who did not ask for it.

-- 1. By whom a session ended -----------------------------------------------------------------------

-- An administrator's id where one asked for it; NULL where it was the user or a rule.
ALTER TABLE "Session" ADD COLUMN "revokedBy" TEXT;
-- No row has one yet, so none needs to be looked at while the table is locked.
ALTER TABLE "Session" ADD CONSTRAINT "Session_revokedBy_check" CHECK (length("revokedBy") <= 64) NOT VALID;

-- Said once, with the end. What ends many rows by the epoch of their user names it in `session.actor`.
CREATE FUNCTION session_ended_by() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."revokedAt" IS NOT NULL THEN
    NEW."revokedBy" := OLD."revokedBy";
  ELSE
    NEW."revokedBy" := coalesce(NEW."revokedBy", nullif(current_setting('session.actor', true), ''));
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER "Session_0_ended_by" BEFORE UPDATE ON "Session"
FOR EACH ROW WHEN (NEW."revokedAt" IS NOT NULL OR OLD."revokedAt" IS NOT NULL)
EXECUTE FUNCTION session_ended_by();

-- Beside the function of before, which processes of the version before this one still call.
CREATE FUNCTION session_end_all(p_user_id text, p_reason text, p_actor text)
RETURNS TABLE (ended integer, u "User")
LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM set_config('session.actor', coalesce(p_actor, ''), true);
  RETURN QUERY SELECT * FROM session_end_all(p_user_id, p_reason);
  PERFORM set_config('session.actor', '', true);
END
$$;

-- 2. The audit, which is only added to ---------------------------------------------------------------

-- No reference to "User": what happened stays known when the user is gone.
CREATE TABLE "SessionAudit" (
  "id" BIGSERIAL NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "kind" TEXT NOT NULL,
  "userId" TEXT NOT NULL,
  "realm" TEXT NOT NULL,
  "handle" TEXT NOT NULL,
  "reason" TEXT,
  "actor" TEXT,
  "ip" TEXT,
  "userAgent" TEXT,

  CONSTRAINT "SessionAudit_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "SessionAudit_kind_check" CHECK ("kind" IN ('created', 'identity-confirmed', 'revoked', 'expired', 'deleted'))
);

CREATE INDEX "SessionAudit_userId_at_idx" ON "SessionAudit"("userId", "at");
CREATE INDEX "SessionAudit_at_idx" ON "SessionAudit"("at");

-- Whoever owns the table can still drop this: an application with a role of its own needs no right to
-- the table, since the functions below write and shorten it with the rights of their owner.
CREATE FUNCTION session_audit_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('session.audit_forget', true) = 'on' THEN RETURN NULL; END IF;
  RAISE EXCEPTION USING
    ERRCODE = 'object_not_in_prerequisite_state',
    MESSAGE = 'the audit of sessions is only added to',
    HINT = 'Rows go by their age alone: session-management cleanup --audit 365d';
END
$$;

CREATE TRIGGER "SessionAudit_1_keep" BEFORE UPDATE OR DELETE OR TRUNCATE ON "SessionAudit"
FOR EACH STATEMENT EXECUTE FUNCTION session_audit_keep();

-- Up to so many rows older than so many milliseconds; how many.
CREATE FUNCTION session_audit_forget(p_limit integer, p_older_ms double precision) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  v_gone integer;
BEGIN
  PERFORM set_config('session.audit_forget', 'on', true);
  WITH old AS (
    SELECT "id" FROM "SessionAudit" WHERE "at" < statement_timestamp() - p_older_ms * interval '1 millisecond'
    ORDER BY "at" LIMIT p_limit FOR UPDATE SKIP LOCKED
  )
  DELETE FROM "SessionAudit" gone USING old WHERE gone."id" = old."id";
  GET DIAGNOSTICS v_gone = ROW_COUNT;
  PERFORM set_config('session.audit_forget', '', true);
  RETURN v_gone;
END
$$;

-- 3. What writes it, in the transaction that it tells of -----------------------------------------------

CREATE FUNCTION session_audit_created() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "SessionAudit" ("at", "kind", "userId", "realm", "handle", "ip", "userAgent")
  VALUES (NEW."createdAt", 'created', NEW."userId", NEW."realm", NEW."id", NEW."ip", NEW."userAgent");
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_4_audit_created" AFTER INSERT ON "Session"
FOR EACH ROW EXECUTE FUNCTION session_audit_created();

CREATE FUNCTION session_audit_confirmed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "SessionAudit" ("at", "kind", "userId", "realm", "handle")
  VALUES (NEW."authenticatedAt", 'identity-confirmed', NEW."userId", NEW."realm", NEW."id");
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_5_audit_confirmed" AFTER UPDATE OF "authenticatedAt" ON "Session"
FOR EACH ROW WHEN (NEW."authenticatedAt" > OLD."authenticatedAt")
EXECUTE FUNCTION session_audit_confirmed();

CREATE FUNCTION session_audit_revoked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "SessionAudit" ("at", "kind", "userId", "realm", "handle", "reason", "actor")
  VALUES (NEW."revokedAt", 'revoked', NEW."userId", NEW."realm", NEW."id", NEW."revokedReason", NEW."revokedBy");
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_6_audit_revoked" AFTER UPDATE OF "revokedAt" ON "Session"
FOR EACH ROW WHEN (OLD."revokedAt" IS NULL AND NEW."revokedAt" IS NOT NULL)
EXECUTE FUNCTION session_audit_revoked();

-- One statement for all rows: `cleanup` deletes by the thousand. An end by time is known by now only.
CREATE FUNCTION session_audit_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "SessionAudit" ("at", "kind", "userId", "realm", "handle")
  SELECT least("expiresAt", statement_timestamp()),
    CASE WHEN "expiresAt" <= statement_timestamp() THEN 'expired' ELSE 'deleted' END,
    "userId", "realm", "id"
  FROM gone WHERE "revokedAt" IS NULL;
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_7_audit_deleted" AFTER DELETE ON "Session"
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION session_audit_deleted();

ALTER TABLE "Session"
  DISABLE TRIGGER "Session_4_audit_created",
  DISABLE TRIGGER "Session_5_audit_confirmed",
  DISABLE TRIGGER "Session_6_audit_revoked",
  DISABLE TRIGGER "Session_7_audit_deleted";
