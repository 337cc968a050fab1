-- Sessions of their own, in a schema of their own: the users' table keeps its columns and types, and gets
-- triggers alone. A database that runs the document's design upgrades in place: who is signed in stays
-- signed in for what is left of seven days, and no plain sessionId remains.
--
-- Runs in one transaction: all of it, or nothing.
-- Needs PostgreSQL 14 or newer, encoding UTF8, built with ICU.
--
--   1  small functions                  4  what is there becomes sessions    7  verbs
--   2  tables                           5  triggers on sessions              8  the audit
--   3  the one rule of life, floors     6  triggers on users                 9  who may do what
--
-- Order of locks, whoever takes more than one: user, subject, session.
-- Triggers read two settings. `session.managed`: one of the functions below is at work and does by itself what
-- the triggers do for foreign hands: on sessions (`on`), or on this one user (`user:` and the id). It is a clause
-- of the function, so whatever it is set to ends with it.
-- `session.inbox`: what this statement has hashed, from the trigger before the write to the one after.

CREATE SCHEMA IF NOT EXISTS sessions;
LOCK TABLE public."User" IN ACCESS EXCLUSIVE MODE;

-- 1. Small functions ---------------------------------------------------------------------------

-- The one form of an e-mail address: trimmed, NFKC, lower case. The same rule as normalizeEmail:
-- the characters are those that String.prototype.trim takes away.
CREATE FUNCTION sessions.email_form(p_email text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(normalize(btrim(p_email, E'\t\n\u000b\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'), NFKC) COLLATE "und-x-icu")
$$;

-- The only form of a sessionId at rest.
CREATE FUNCTION sessions.digest(p_text text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(convert_to(p_text, 'UTF8'))
$$;

-- A digest as copies and the column "sessionId" name it: base64url without padding.
CREATE FUNCTION sessions.digest_text(p_digest bytea) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT translate(encode(p_digest, 'base64'), '+/=', '-_')
$$;

-- The digest that such a text names; NULL for any other text.
CREATE FUNCTION sessions.digest_named(p_text text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_text ~ '^[A-Za-z0-9_-]{43}$' THEN decode(translate(p_text, '-_', '+/') || '=', 'base64') END
$$;

-- Whether a cookie can carry this value: 1 to 255 cookie-octets of RFC 6265.
CREATE FUNCTION sessions.presentable(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p_text ~ '^[\u0021\u0023-\u002b\u002d-\u003a\u003c-\u005b\u005d-\u007e]{1,255}$'
$$;

-- A new handle: UUIDv7, whose first 48 bits are the time in milliseconds.
-- A random UUID is version 4 (0100); bits 52 and 53 make it 7 (0111).
CREATE FUNCTION sessions.new_handle() RETURNS uuid
LANGUAGE sql VOLATILE AS $$
  SELECT encode(set_bit(set_bit(overlay(
    uuid_send(gen_random_uuid())
    placing substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
    FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;

-- The version after this one: never below the milliseconds since 2025, so that no number is given out
-- twice where a failover or a restore has lost some, or where an id is made again.
CREATE FUNCTION sessions.next_version(p_version bigint) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
  SELECT greatest(p_version + 1, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1735689600000)
$$;

-- 2. Tables --------------------------------------------------------------------------------------
-- Beside each index, the statement that needs it.

-- A user as sessions know it: made by the first session or change, and there when the user is gone, so
-- that an id made again revives nothing.
CREATE TABLE sessions."Subject" (
  "id" BIGINT GENERATED ALWAYS AS IDENTITY,
  "userId" TEXT NOT NULL,
  -- Rises with every change of the user that copies must learn of.
  "version" BIGINT NOT NULL,
  -- Sessions are stamped with it. One with a stamp below the floor, or that of its realm, has ended.
  "counter" BIGINT NOT NULL DEFAULT 0,
  "floor" BIGINT NOT NULL DEFAULT 0,
  "realmFloors" JSONB NOT NULL DEFAULT '{}',
  -- The version with the latest change of role: an id that was handed out before is due for a rotation.
  "roleVersion" BIGINT NOT NULL DEFAULT 0,

  CONSTRAINT "Subject_pkey" PRIMARY KEY ("id"),
  -- Whatever begins with a user.
  CONSTRAINT "Subject_userId_key" UNIQUE ("userId")
);

CREATE TABLE sessions."Session" (
  -- The handle: public, authenticates nobody.
  "id" UUID NOT NULL,
  "digest" BYTEA NOT NULL,
  "previousDigest" BYTEA,
  "rotatedAt" TIMESTAMPTZ(3),
  "subject" BIGINT NOT NULL,
  "stamp" BIGINT NOT NULL,
  "version" BIGINT NOT NULL DEFAULT 1,
  -- The subject's version when the present id was handed out.
  "idVersion" BIGINT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL,
  "lastSeenAt" TIMESTAMPTZ(3) NOT NULL,
  "authenticatedAt" TIMESTAMPTZ(3) NOT NULL,
  "expiresAt" TIMESTAMPTZ(3) NOT NULL,
  "absoluteExpiresAt" TIMESTAMPTZ(3) NOT NULL,
  "revokedAt" TIMESTAMPTZ(3),
  -- Whose session it is in truth, and by which session of theirs it was opened: an administrator's.
  "actorHandle" UUID,
  "actorId" TEXT,
  "realm" TEXT NOT NULL DEFAULT 'web',
  "ip" TEXT,
  "userAgent" TEXT,
  -- What the user calls the device.
  "label" TEXT,
  "revokedReason" TEXT,
  -- The administrator who asked for it; NULL where it was the user or a rule.
  "revokedBy" TEXT,

  -- A session by its handle.
  CONSTRAINT "Session_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Session_digest_check" CHECK (length("digest") = 32),
  CONSTRAINT "Session_absolute_check" CHECK ("expiresAt" <= "absoluteExpiresAt"),
  CONSTRAINT "Session_bounds_check" CHECK (length("userAgent") <= 512 AND length("ip") <= 64 AND length("revokedBy") <= 64 AND length("label") BETWEEN 1 AND 64),
  CONSTRAINT "Session_actor_check" CHECK (("actorId" IS NULL) = ("actorHandle" IS NULL))
) WITH (
  -- A session in use is written now and then ("lastSeenAt"). With a little room in its page no index hears of it.
  fillfactor = 90
);

-- A lookup, by the present digest and by the one before.
CREATE UNIQUE INDEX "Session_digest_key" ON sessions."Session"("digest");
CREATE UNIQUE INDEX "Session_previousDigest_key" ON sessions."Session"("previousDigest") WHERE "previousDigest" IS NOT NULL;
-- List, limit, count: a user's live sessions of a realm are one range, and what floors ended lies outside.
CREATE INDEX "Session_live_idx" ON sessions."Session"("subject", "realm", "stamp", "id") WHERE "revokedAt" IS NULL;
-- What was opened in the place of others.
CREATE INDEX "Session_actor_idx" ON sessions."Session"("actorId", "actorHandle") WHERE "actorId" IS NOT NULL AND "revokedAt" IS NULL;
-- `cleanup`, by either end.
CREATE INDEX "Session_expiresAt_idx" ON sessions."Session"("expiresAt");
CREATE INDEX "Session_revokedAt_idx" ON sessions."Session"("revokedAt") WHERE "revokedAt" IS NOT NULL;

-- Why, by whom and when a floor was raised, until `cleanup` has said so in every row below it.
CREATE TABLE sessions."Raise" (
  "id" BIGINT GENERATED ALWAYS AS IDENTITY,
  "subject" BIGINT NOT NULL,
  -- NULL: in every realm.
  "realm" TEXT,
  "floor" BIGINT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "reason" TEXT NOT NULL,
  "actor" TEXT,
  -- Since when every row below it says so.
  "markedAt" TIMESTAMPTZ(3),

  -- `cleanup`, oldest first.
  CONSTRAINT "Raise_pkey" PRIMARY KEY ("id")
);

-- `cleanup`: those that are still to be marked.
CREATE INDEX "Raise_waiting_idx" ON sessions."Raise"("id") WHERE "markedAt" IS NULL;

-- What copies must learn of, written in the transaction that changes it, deleted once they have. TRUNCATE of
-- another table writes nothing: copies then follow by their age.
CREATE TABLE sessions."Outbox" (
  -- So that a look reads what the look before could not see, however long a transaction stays open.
  "xact" XID8 NOT NULL DEFAULT pg_current_xact_id(),
  "id" BIGINT GENERATED ALWAYS AS IDENTITY,
  "kind" TEXT NOT NULL,
  -- A digest as copies name it, or a user's id.
  "key" TEXT NOT NULL,
  "realm" TEXT,
  -- Of the session or the subject: a copy with this one or a higher has learnt of it.
  "version" BIGINT NOT NULL,
  "isEnd" BOOLEAN NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

  -- A look at what is new, and at what was left.
  CONSTRAINT "Outbox_pkey" PRIMARY KEY ("xact", "id"),
  CONSTRAINT "Outbox_kind_check" CHECK (("kind", "realm" IS NULL) IN (('session', false), ('user', true)))
);

-- Whoever has carried its own change.
CREATE INDEX "Outbox_key_idx" ON sessions."Outbox" USING hash ("key");

-- Which masters of the fast store count, and since when, in ms since 1970: what was confirmed before is not
-- believed. One row.
CREATE TABLE sessions."Masters" (
  "one" BOOLEAN NOT NULL DEFAULT true,
  "since" JSONB NOT NULL DEFAULT '{}',

  CONSTRAINT "Masters_pkey" PRIMARY KEY ("one"),
  CONSTRAINT "Masters_one_check" CHECK ("one")
);
INSERT INTO sessions."Masters" DEFAULT VALUES;

-- The process that carries what others have left, and that alone names masters. One row.
CREATE TABLE sessions."Lease" (
  "one" BOOLEAN NOT NULL DEFAULT true,
  "owner" TEXT NOT NULL DEFAULT '',
  "until" TIMESTAMPTZ(3) NOT NULL DEFAULT '-infinity',

  CONSTRAINT "Lease_pkey" PRIMARY KEY ("one"),
  CONSTRAINT "Lease_one_check" CHECK ("one")
);
INSERT INTO sessions."Lease" DEFAULT VALUES;

-- Who opened and ended which session, only added to. No reference to a user: what happened stays known.
CREATE TABLE sessions."Audit" (
  "id" BIGINT GENERATED ALWAYS AS IDENTITY,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "kind" TEXT NOT NULL,
  "userId" TEXT NOT NULL,
  -- NULL where sessions of every realm ended at once; the handle, where it was more than one session.
  "realm" TEXT,
  "handle" UUID,
  "reason" TEXT,
  "actor" TEXT,
  "ip" TEXT,
  "userAgent" TEXT,

  CONSTRAINT "Audit_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Audit_kind_check" CHECK ("kind" IN ('created', 'identity-confirmed', 'revoked', 'all-revoked', 'expired', 'deleted'))
);

-- The history of a user; what is old enough to go.
CREATE INDEX "Audit_userId_at_idx" ON sessions."Audit"("userId", "at");
CREATE INDEX "Audit_at_idx" ON sessions."Audit"("at");

-- 3. The one rule of life, and floors ----------------------------------------------------------------

-- Said of a session and its subject, whose user is there. Simple enough for the planner to write it into
-- the statement that uses it. Without statistics, as after a restore, the planner takes IS NULL for rare and would
-- read all that live to find one: so this is not put in the words of the partial indexes, and whoever reads a
-- range of one says "revokedAt" IS NULL beside it.
CREATE FUNCTION sessions.lives(s sessions."Session", o sessions."Subject") RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(s."revokedAt", 'infinity') = 'infinity' AND s."expiresAt" > statement_timestamp()
    AND s."stamp" >= greatest(o."floor", (o."realmFloors" ->> s."realm")::bigint)
$$;

-- The subject of a user, made where there is none.
CREATE FUNCTION sessions.subject_of(p_user_id text) RETURNS sessions."Subject"
LANGUAGE plpgsql VOLATILE SET search_path = sessions, pg_temp AS $$
DECLARE
  v_found "Subject";
BEGIN
  SELECT * INTO v_found FROM "Subject" WHERE "userId" = p_user_id;
  IF FOUND THEN RETURN v_found; END IF;

  INSERT INTO "Subject" ("userId", "version") VALUES (p_user_id, next_version(0)) ON CONFLICT ("userId") DO NOTHING;
  SELECT * INTO v_found FROM "Subject" WHERE "userId" = p_user_id;
  RETURN v_found;
END
$$;

-- How many sessions of a subject live, of one realm or of all, besides one: counted to 1,000. A range for
-- each realm, so that what floors have ended is not read.
CREATE FUNCTION sessions.count_live(o sessions."Subject", p_realm text, p_but uuid) RETURNS integer
LANGUAGE plpgsql STABLE SET search_path = sessions, pg_temp AS $$
DECLARE
  v_realm text := coalesce(p_realm, '');
  v_sum integer := 0;
  v_some integer;
BEGIN
  WHILE v_sum < 1000 LOOP
    IF p_realm IS NULL THEN
      SELECT min(s."realm") INTO v_realm FROM "Session" s
      WHERE s."subject" = o."id" AND s."realm" > v_realm AND s."revokedAt" IS NULL;
      EXIT WHEN v_realm IS NULL;
    END IF;
    SELECT count(*) INTO v_some FROM (
      SELECT FROM "Session" s
      WHERE s."subject" = o."id" AND s."realm" = v_realm AND s."revokedAt" IS NULL AND s."expiresAt" > statement_timestamp()
        AND s."stamp" >= greatest(o."floor", (o."realmFloors" ->> v_realm)::bigint) AND s."id" IS DISTINCT FROM p_but
      LIMIT 1000 - v_sum
    ) live;
    v_sum := v_sum + v_some;
    EXIT WHEN p_realm IS NOT NULL;
  END LOOP;
  RETURN v_sum;
END
$$;

-- Ends all sessions of a user, of one realm or (NULL) of all, but the one to keep: one row and one key,
-- whatever their number. What those sessions had opened in the place of others ends with them, row by row.
CREATE FUNCTION sessions.raise_floor(
  p_user_id text, p_realm text, p_keep uuid, p_reason text, p_actor text,
  OUT o sessions."Subject", OUT ended integer
)
LANGUAGE plpgsql VOLATILE SET search_path = sessions, pg_temp SET session.managed = 'off' AS $$
DECLARE
  v_before "Subject";
BEGIN
  PERFORM subject_of(p_user_id);
  SELECT * INTO v_before FROM "Subject" WHERE "userId" = p_user_id FOR NO KEY UPDATE;
  ended := count_live(v_before, p_realm, p_keep);

  UPDATE "Subject" held SET
    "counter" = held."counter" + 1,
    "version" = next_version(held."version"),
    "floor" = CASE WHEN p_realm IS NULL THEN held."counter" + 1 ELSE held."floor" END,
    "realmFloors" = CASE WHEN p_realm IS NULL THEN '{}' ELSE held."realmFloors" || jsonb_build_object(p_realm, held."counter" + 1) END
  WHERE held."id" = v_before."id" RETURNING * INTO o;
  UPDATE "Session" kept SET "stamp" = o."counter"
  WHERE kept."id" = p_keep AND kept."subject" = o."id" AND kept."realm" = coalesce(p_realm, kept."realm") AND lives(kept, v_before);

  UPDATE "Session" child SET "revokedAt" = statement_timestamp(), "revokedReason" = 'actor-ended'
  WHERE child."actorId" = p_user_id AND child."revokedAt" IS NULL AND child."realm" = coalesce(p_realm, child."realm")
    AND child."actorHandle" IS DISTINCT FROM p_keep;
  INSERT INTO "Raise" ("subject", "realm", "floor", "at", "reason", "actor")
  VALUES (o."id", p_realm, o."counter", statement_timestamp(), p_reason, p_actor);
  INSERT INTO "Outbox" ("kind", "key", "version", "isEnd") VALUES ('user', p_user_id, o."version", true);
END
$$;

-- 4. What is there becomes sessions ------------------------------------------------------------------
-- Before there are triggers, whose work this is not.

DO $$
DECLARE
  v_groups integer;
  v_list text;
BEGIN
  PERFORM sessions.email_form('fails here unless the encoding is UTF8');

  WITH same AS (
    SELECT sessions.email_form("email") AS form, count(*) AS users, string_agg(format('%s (id %s)', "email", "id"), ', ' ORDER BY "createdAt", "id") AS addresses
    FROM public."User" GROUP BY 1 HAVING count(*) > 1
  ), numbered AS (
    SELECT *, row_number() OVER (ORDER BY form) AS place FROM same
  )
  SELECT count(*), string_agg(left(addresses, 1000), E'\n' ORDER BY place) FILTER (WHERE place <= 50)
  INTO v_groups, v_list FROM numbered;

  IF v_groups > 0 THEN
    RAISE EXCEPTION USING
      ERRCODE = 'unique_violation',
      MESSAGE = format('%s e-mail address(es) belong to more than one user once case and spaces are ignored', v_groups),
      DETAIL = v_list,
      HINT = 'Nothing was changed. For each line (the first 50 are shown) merge the users, or give all but one another address; then run the migration again.';
  END IF;
END
$$;

-- Nobody's session: what no cookie can carry, and an id that two users hold, which could sign in either.
UPDATE public."User" SET "sessionId" = NULL
WHERE "sessionId" IS NOT NULL AND (
  NOT sessions.presentable("sessionId")
  OR "sessionId" IN (SELECT twice."sessionId" FROM public."User" twice GROUP BY 1 HAVING count(*) > 1)
);
UPDATE public."User" SET "email" = sessions.email_form("email") WHERE "email" <> sessions.email_form("email");

INSERT INTO sessions."Subject" ("userId", "version")
SELECT "id", sessions.next_version(0) FROM public."User" WHERE "sessionId" IS NOT NULL;

-- Old ids live for what is left of seven days after the last log-in, whose column is in UTC; a time in the
-- future counts as now, so none is immortal.
INSERT INTO sessions."Session" ("id", "digest", "subject", "stamp", "idVersion", "createdAt", "lastSeenAt", "authenticatedAt", "expiresAt", "absoluteExpiresAt")
SELECT sessions.new_handle(), sessions.digest(held."sessionId"), owner."id", 0, owner."version", began, began, began, began + interval '604800 seconds', began + interval '604800 seconds'
FROM public."User" held
JOIN sessions."Subject" owner ON owner."userId" = held."id",
LATERAL (SELECT least(coalesce(held."lastLoginAt" AT TIME ZONE 'UTC', now()), now()) AS began) started
WHERE held."sessionId" IS NOT NULL;

-- Writes the table anew, so that no dead row keeps a plain id; the type stays.
ALTER TABLE public."User" ALTER COLUMN "sessionId" TYPE TEXT
  USING 'sha256:' || sessions.digest_text(sessions.digest("sessionId"));

-- 5. Triggers on sessions: what holds whoever writes ---------------------------------------------------
-- The version is the one list of what travels. What cannot make a copy wrong does not: an end moved
-- forward, a stamp raised, a use, a name.

CREATE FUNCTION sessions.session_changes() RETURNS trigger
LANGUAGE plpgsql SET search_path = sessions, pg_temp AS $$
BEGIN
  -- Said once, with the end.
  IF OLD."revokedAt" IS NOT NULL THEN
    NEW."revokedAt" := OLD."revokedAt";
    NEW."revokedReason" := OLD."revokedReason";
    NEW."revokedBy" := OLD."revokedBy";
  END IF;

  IF (NEW."digest", NEW."previousDigest", NEW."subject", NEW."realm", NEW."authenticatedAt", NEW."absoluteExpiresAt", NEW."revokedAt")
      IS DISTINCT FROM
      (OLD."digest", OLD."previousDigest", OLD."subject", OLD."realm", OLD."authenticatedAt", OLD."absoluteExpiresAt", OLD."revokedAt")
    OR NEW."expiresAt" < OLD."expiresAt" OR NEW."stamp" < OLD."stamp"
  THEN
    NEW."version" := OLD."version" + 1;
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER "Session_1_changes" BEFORE UPDATE ON sessions."Session"
FOR EACH ROW WHEN (current_setting('session.managed', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sessions.session_changes();

-- Every key that the row was and is known by. An end is whatever a copy would still take for live.
CREATE FUNCTION sessions.session_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = sessions, pg_temp AS $$
BEGIN
  INSERT INTO "Outbox" ("kind", "key", "realm", "version", "isEnd")
  SELECT DISTINCT 'session', digest_text(known.digest), known.realm, NEW."version",
    (NEW."digest", NEW."previousDigest", NEW."subject", NEW."realm", NEW."revokedAt")
      IS DISTINCT FROM (OLD."digest", OLD."previousDigest", OLD."subject", OLD."realm", OLD."revokedAt")
    OR NEW."expiresAt" < OLD."expiresAt" OR NEW."stamp" < OLD."stamp"
  FROM (VALUES
    (NEW."digest", NEW."realm"), (NEW."previousDigest", NEW."realm"),
    (OLD."digest", OLD."realm"), (OLD."previousDigest", OLD."realm")
  ) AS known(digest, realm)
  WHERE known.digest IS NOT NULL;
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_2_changed" AFTER UPDATE ON sessions."Session"
FOR EACH ROW WHEN (NEW."version" <> OLD."version" AND current_setting('session.managed', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sessions.session_changed();

-- Only of what lived.
CREATE FUNCTION sessions.session_deleted() RETURNS trigger
LANGUAGE plpgsql SET search_path = sessions, pg_temp AS $$
BEGIN
  -- Above every copy: a tombstone alone has learnt of it.
  INSERT INTO "Outbox" ("kind", "key", "realm", "version", "isEnd")
  SELECT 'session', digest_text(known.digest), OLD."realm", OLD."version" + 1, true
  FROM (VALUES (OLD."digest"), (OLD."previousDigest")) AS known(digest)
  WHERE known.digest IS NOT NULL
    AND EXISTS (SELECT FROM "Subject" o WHERE o."id" = OLD."subject" AND lives(OLD, o));
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_3_deleted" AFTER DELETE ON sessions."Session"
FOR EACH ROW WHEN (OLD."revokedAt" IS NULL) EXECUTE FUNCTION sessions.session_deleted();

-- What ends or shortens a session does so to what was opened by it in the place of others.
CREATE FUNCTION sessions.actor_ended() RETURNS trigger
LANGUAGE plpgsql SET search_path = sessions, pg_temp AS $$
DECLARE
  v_actor text;
BEGIN
  SELECT o."userId" INTO v_actor FROM "Subject" o WHERE o."id" = OLD."subject";
  IF TG_OP = 'DELETE' OR NEW."revokedAt" IS NOT NULL THEN
    UPDATE "Session" SET "revokedAt" = statement_timestamp(), "revokedReason" = 'actor-ended'
    WHERE "actorId" = v_actor AND "actorHandle" = OLD."id" AND "revokedAt" IS NULL;
  ELSE
    UPDATE "Session" SET "expiresAt" = least("expiresAt", NEW."expiresAt"), "absoluteExpiresAt" = least("absoluteExpiresAt", NEW."expiresAt")
    WHERE "actorId" = v_actor AND "actorHandle" = OLD."id" AND "revokedAt" IS NULL AND "absoluteExpiresAt" > NEW."expiresAt";
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_4_actor" AFTER UPDATE ON sessions."Session"
FOR EACH ROW WHEN (
  OLD."actorHandle" IS NULL AND OLD."revokedAt" IS NULL
    AND (NEW."revokedAt" IS NOT NULL OR NEW."expiresAt" < OLD."expiresAt")
) EXECUTE FUNCTION sessions.actor_ended();

CREATE TRIGGER "Session_5_actor" AFTER DELETE ON sessions."Session"
FOR EACH ROW WHEN (OLD."actorHandle" IS NULL AND OLD."revokedAt" IS NULL)
EXECUTE FUNCTION sessions.actor_ended();

-- The column "sessionId" goes on naming the session that it named, so that clearing it signs out.
CREATE FUNCTION sessions.inbox_follow() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE public."User" u SET "sessionId" = 'sha256:' || sessions.digest_text(NEW."digest")
  FROM sessions."Subject" o
  WHERE o."id" = NEW."subject" AND u."id" = o."userId" AND u."sessionId" = 'sha256:' || sessions.digest_text(OLD."digest");
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_6_inbox" AFTER UPDATE OF "digest" ON sessions."Session"
FOR EACH ROW WHEN (NEW."digest" <> OLD."digest") EXECUTE FUNCTION sessions.inbox_follow();

-- 6. Triggers on users ----------------------------------------------------------------------------------
-- With the rights of their owner: who may change a user need not have a right to sessions.
-- Triggers fire in the order of their names.

CREATE FUNCTION sessions.user_email() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sessions, pg_temp AS $$
BEGIN
  NEW."email" := email_form(NEW."email");
  RETURN NEW;
END
$$;

CREATE TRIGGER sessions_1_email BEFORE INSERT OR UPDATE OF "email" ON public."User"
FOR EACH ROW EXECUTE FUNCTION sessions.user_email();

-- The inbox. Before the write, so that a plain sessionId reaches neither table nor log. Only after it
-- does the user exist, and does an INSERT … ON CONFLICT know which way it went.
CREATE FUNCTION sessions.user_inbox() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sessions, pg_temp AS $$
DECLARE
  v_digest text;
BEGIN
  IF NOT presentable(NEW."sessionId") THEN
    NEW."sessionId" := NULL;
    RETURN NEW;
  END IF;

  v_digest := digest_text(digest(NEW."sessionId"));
  NEW."sessionId" := 'sha256:' || v_digest;
  PERFORM set_config('session.inbox', coalesce(current_setting('session.inbox', true), '') || v_digest || ' ', true);
  RETURN NEW;
END
$$;

CREATE TRIGGER sessions_2_inbox BEFORE INSERT OR UPDATE OF "sessionId" ON public."User"
FOR EACH ROW WHEN (NEW."sessionId" NOT LIKE 'sha256:%') EXECUTE FUNCTION sessions.user_inbox();

-- Turns what this statement hashed into a session with a fixed end. What is known by that digest stays as
-- it is, ended or not, and one that was rotated away opens nothing.
CREATE FUNCTION sessions.file_inbox(p_user_id text, p_session_id text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = sessions, pg_temp AS $$
DECLARE
  v_hashed text := coalesce(current_setting('session.inbox', true), '');
  v_named text := substr(p_session_id, 8);
  v_digest bytea := digest_named(v_named);
  v_end timestamptz := statement_timestamp() + interval '604800 seconds';
  v_owner "Subject";
BEGIN
  IF v_digest IS NULL OR position(v_named || ' ' IN v_hashed) = 0 THEN RETURN; END IF;

  PERFORM set_config('session.inbox', replace(v_hashed, v_named || ' ', ''), true);
  IF EXISTS (SELECT FROM "Session" known WHERE known."previousDigest" = v_digest) THEN RETURN; END IF;

  v_owner := subject_of(p_user_id);
  INSERT INTO "Session" ("id", "digest", "subject", "stamp", "idVersion", "createdAt", "lastSeenAt", "authenticatedAt", "expiresAt", "absoluteExpiresAt")
  VALUES (new_handle(), v_digest, v_owner."id", v_owner."counter", v_owner."version", statement_timestamp(), statement_timestamp(), statement_timestamp(), v_end, v_end)
  ON CONFLICT ("digest") DO NOTHING;
END
$$;

-- What a change of a user means for sessions. The floor first: a statement that sets a new password and a
-- sessionId must not end what it opens. With a new hash the session to keep goes on under the digest `p_next`,
-- if that is given and its realm is `p_realm`. `raised`: how many sessions a new hash ended; NULL: it is none.
-- `cut`: the digest whose grace the rotation cut short.
CREATE FUNCTION sessions.follow_user(
  p_old public."User", p_new public."User", p_keep uuid, p_next bytea, p_realm text,
  OUT raised integer, OUT cut text
)
LANGUAGE plpgsql VOLATILE SET session.managed = 'off' AS $$
DECLARE
  v_digest bytea;
  v_owner sessions."Subject";
BEGIN
  IF p_new."id" <> p_old."id" THEN
    -- Sessions go with their user, unless the new id has been somebody's before.
    IF EXISTS (SELECT FROM sessions."Subject" WHERE "userId" = p_new."id") THEN
      PERFORM sessions.raise_floor(p_old."id", NULL, NULL, 'user-deleted', NULL);
    ELSE
      UPDATE sessions."Subject" SET "userId" = p_new."id", "version" = sessions.next_version("version") WHERE "userId" = p_old."id";
    END IF;
    UPDATE sessions."Session" SET "actorId" = p_new."id" WHERE "actorId" = p_old."id" AND "revokedAt" IS NULL;
    INSERT INTO sessions."Outbox" ("kind", "key", "version", "isEnd")
    SELECT 'user', known.id, o."version", true FROM (VALUES (p_old."id"), (p_new."id")) known(id)
    JOIN sessions."Subject" o ON o."userId" = p_new."id";
  END IF;

  IF p_new."hashedPassword" IS DISTINCT FROM p_old."hashedPassword" THEN
    SELECT made.ended INTO raised FROM sessions.raise_floor(p_new."id", NULL, p_keep, 'password-changed', NULL) made;
    SELECT * INTO v_owner FROM sessions."Subject" WHERE "userId" = p_new."id" AND p_next IS NOT NULL;
    SELECT sessions.digest_text(kept."previousDigest") INTO cut FROM sessions."Session" kept
    WHERE kept."id" = p_keep AND kept."subject" = v_owner."id" AND kept."realm" = p_realm AND sessions.lives(kept, v_owner);
    UPDATE sessions."Session" kept SET
      "digest" = p_next, "previousDigest" = kept."digest", "rotatedAt" = clock_timestamp(), "idVersion" = v_owner."version"
    WHERE kept."id" = p_keep AND kept."subject" = v_owner."id" AND kept."realm" = p_realm AND sessions.lives(kept, v_owner);
  ELSIF (p_new."email", p_new."role", p_new."isVerified", p_new."createdAt") IS DISTINCT FROM (p_old."email", p_old."role", p_old."isVerified", p_old."createdAt") THEN
    PERFORM sessions.subject_of(p_new."id");
    UPDATE sessions."Subject" SET "version" = sessions.next_version("version") WHERE "userId" = p_new."id" RETURNING * INTO v_owner;
    INSERT INTO sessions."Outbox" ("kind", "key", "version", "isEnd") VALUES ('user', p_new."id", v_owner."version", false);
  END IF;

  IF p_new."role" <> p_old."role" THEN
    UPDATE sessions."Subject" SET "roleVersion" = "version" WHERE "userId" = p_new."id";
    -- Who is no administrator any more acts in nobody's place.
    UPDATE sessions."Session" SET "revokedAt" = statement_timestamp(), "revokedReason" = 'actor-ended'
    WHERE p_old."role" = 'ADMIN' AND "actorId" = p_new."id" AND "revokedAt" IS NULL;
  END IF;

  IF p_new."sessionId" LIKE 'sha256:%' THEN
    PERFORM sessions.file_inbox(p_new."id", p_new."sessionId");
  ELSIF p_new."sessionId" IS NULL AND p_old."sessionId" LIKE 'sha256:%' THEN
    v_digest := sessions.digest_named(substr(p_old."sessionId", 8));
    UPDATE sessions."Session" s SET "revokedAt" = statement_timestamp(), "revokedReason" = 'signed-out'
    FROM sessions."Subject" o
    WHERE (s."digest" = v_digest OR s."previousDigest" = v_digest) AND o."id" = s."subject" AND o."userId" = p_new."id"
      AND coalesce(s."revokedAt", 'infinity') = 'infinity';
  END IF;
END
$$;

CREATE FUNCTION sessions.user_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sessions, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN PERFORM file_inbox(NEW."id", NEW."sessionId");
  ELSE PERFORM follow_user(OLD, NEW, NULL, NULL, NULL);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER sessions_3_inserted AFTER INSERT ON public."User"
FOR EACH ROW WHEN (NEW."sessionId" LIKE 'sha256:%') EXECUTE FUNCTION sessions.user_changed();

CREATE TRIGGER sessions_4_changed AFTER UPDATE ON public."User"
FOR EACH ROW WHEN (current_setting('session.managed', true) IS DISTINCT FROM 'user:' || NEW."id")
EXECUTE FUNCTION sessions.user_changed();

-- The version rises twice: copies hear of the first, and an id made again begins above it.
CREATE FUNCTION sessions.user_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sessions, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM "Subject" WHERE "userId" = OLD."id") THEN RETURN NULL; END IF;
  PERFORM raise_floor(OLD."id", NULL, NULL, 'user-deleted', NULL);
  UPDATE "Subject" SET "version" = "version" + 1 WHERE "userId" = OLD."id";
  RETURN NULL;
END
$$;

CREATE TRIGGER sessions_5_deleted AFTER DELETE ON public."User"
FOR EACH ROW EXECUTE FUNCTION sessions.user_deleted();

-- 7. Verbs --------------------------------------------------------------------------------------------
-- Whoever counts or looks at what a lock guards does so in a statement after the one that locks.

-- Log-ins that came together, of realms without a limit: those that could be opened at once. Nothing is locked and
-- nobody waited for; one whose user has no subject yet, or another hash than was verified, or whose digest is known,
-- is not in the answer, and is opened by `create_session`, which decides. Of one snapshot, as there.
CREATE FUNCTION sessions.create_sessions(
  p_handles uuid[], p_digests bytea[], p_user_ids text[], p_realms text[], p_ttls_ms bigint[], p_absolutes_ms bigint[],
  p_ips text[], p_user_agents text[], p_terms jsonb[], p_proofs text[]
) RETURNS TABLE (s sessions."Session", o sessions."Subject", u public."User")
LANGUAGE plpgsql VOLATILE SET search_path = sessions, pg_temp SET enable_seqscan = off SET jit = off AS $$
DECLARE
  v_now timestamptz := statement_timestamp();
BEGIN
  RETURN QUERY
    WITH made AS (
      INSERT INTO "Session" ("id", "digest", "subject", "realm", "stamp", "idVersion", "createdAt", "lastSeenAt", "authenticatedAt", "expiresAt", "absoluteExpiresAt", "ip", "userAgent")
      SELECT asked.handle, asked.digest, owner."id", asked.realm, owner."counter", owner."version", v_now, v_now, v_now,
        v_now + least(terms.ttl, terms.absolute) * interval '1 millisecond', v_now + terms.absolute * interval '1 millisecond',
        nullif(left(asked.ip, 64), ''), left(asked.agent, 512)
      FROM unnest(p_handles, p_digests, p_user_ids, p_realms, p_ttls_ms, p_absolutes_ms, p_ips, p_user_agents, p_terms, p_proofs)
        AS asked(handle, digest, user_id, realm, ttl, absolute, ip, agent, terms, proof)
      JOIN "Subject" owner ON owner."userId" = asked.user_id JOIN public."User" person ON person."id" = owner."userId",
      LATERAL (SELECT coalesce((asked.terms -> person."role"::text ->> 'ttlMs')::bigint, asked.ttl) AS ttl,
        coalesce((asked.terms -> person."role"::text ->> 'absoluteMs')::bigint, asked.absolute) AS absolute) terms
      WHERE asked.proof IS NULL OR person."hashedPassword" = asked.proof
      ON CONFLICT ("digest") DO NOTHING RETURNING *
    )
    SELECT ROW(made.*)::"Session", owner, person
    FROM made JOIN "Subject" owner ON owner."id" = made."subject" JOIN public."User" person ON person."id" = owner."userId";
END
$$;

-- A log-in. `outcome`: `opened` with the session; `limit` by the rule `reject-new`; `outdated` where the
-- password that was verified is no longer the user's; no row when there is no such user. Said twice, one
-- session, and nothing ends for it again: the caller looks whether it lives and is the one that was meant.
-- `p_terms` has the terms for each role that has its own.
CREATE FUNCTION sessions.create_session(
  p_handle uuid, p_digest bytea, p_user_id text, p_realm text, p_ttl_ms bigint, p_absolute_ms bigint,
  p_ip text, p_user_agent text, p_most integer, p_rule text, p_terms jsonb, p_proof text
) RETURNS TABLE (outcome text, s sessions."Session", o sessions."Subject", u public."User", ended text[], ended_handles uuid[])
LANGUAGE plpgsql VOLATILE SET search_path = sessions, pg_temp AS $$
DECLARE
  v_now timestamptz := statement_timestamp();
  v_terms jsonb;
  v_floor bigint;
  v_over integer;
BEGIN
  ended := '{}';
  ended_handles := '{}';
  SELECT * INTO u FROM public."User" owner WHERE owner."id" = p_user_id;
  IF NOT FOUND THEN RETURN; END IF;

  v_terms := p_terms -> (u."role")::text;
  IF v_terms IS NOT NULL THEN
    p_ttl_ms := v_terms ->> 'ttlMs';
    p_absolute_ms := v_terms ->> 'absoluteMs';
    p_most := v_terms -> 'limit' ->> 'most';
    p_rule := v_terms -> 'limit' ->> 'rule';
  END IF;

  SELECT * INTO o FROM "Subject" held WHERE held."userId" = p_user_id;
  IF NOT FOUND THEN
    -- A deletion of the user waits, and then finds the subject, or has happened.
    PERFORM FROM public."User" owner WHERE owner."id" = p_user_id FOR KEY SHARE;
    IF NOT FOUND THEN RETURN; END IF;
    o := subject_of(p_user_id);
  END IF;
  IF p_most IS NOT NULL THEN
    -- Alone with the user's sessions from here on, so that log-ins at once are counted one after the other.
    SELECT * INTO o FROM "Subject" held WHERE held."userId" = p_user_id FOR NO KEY UPDATE;
    v_floor := greatest(o."floor", (o."realmFloors" ->> p_realm)::bigint);
    -- A new password waits for this lock as well, so the hash is the last for as long as it is held.
    SELECT * INTO u FROM public."User" owner WHERE owner."id" = p_user_id;
    IF NOT EXISTS (SELECT FROM "Session" known WHERE known."digest" = p_digest) THEN
      SELECT count(*) + 1 - p_most INTO v_over FROM "Session" live
      WHERE live."subject" = o."id" AND live."realm" = p_realm AND live."stamp" >= v_floor AND live."revokedAt" IS NULL AND lives(live, o);
      IF v_over > 0 AND p_rule = 'reject-new' THEN
        outcome := 'limit';
        RETURN NEXT;
        RETURN;
      END IF;

      IF v_over > 0 AND (p_proof IS NULL OR p_proof = u."hashedPassword") THEN
        WITH gone AS (
          UPDATE "Session" old SET "revokedAt" = v_now, "revokedReason" = 'limit'
          WHERE old."id" IN (
            SELECT live."id" FROM "Session" live
            WHERE live."subject" = o."id" AND live."realm" = p_realm AND live."stamp" >= v_floor AND live."revokedAt" IS NULL AND lives(live, o)
            ORDER BY CASE p_rule WHEN 'end-least-recent' THEN live."lastSeenAt" ELSE live."createdAt" END, live."id"
            LIMIT v_over
          ) AND coalesce(old."revokedAt", 'infinity') = 'infinity'
          RETURNING old."id" AS handle, old."digest" AS digest, old."previousDigest" AS previous
        )
        SELECT coalesce(array_agg(digest_text(known.digest)), '{}'), coalesce(array_agg(DISTINCT gone.handle), '{}')
        INTO ended, ended_handles
        FROM gone, LATERAL (VALUES (gone.digest), (gone.previous)) AS known(digest)
        WHERE known.digest IS NOT NULL;
      END IF;
    END IF;
  END IF;

  -- Stamp, version, proof and answer are of one snapshot: an "end all" or a new password that commits later
  -- raises the floor above the stamp and the version above that of the answer, and one that committed before
  -- shows another hash.
  RETURN QUERY
    WITH made AS (
      INSERT INTO "Session" ("id", "digest", "subject", "realm", "stamp", "idVersion", "createdAt", "lastSeenAt", "authenticatedAt", "expiresAt", "absoluteExpiresAt", "ip", "userAgent")
      SELECT p_handle, p_digest, owner."id", p_realm, owner."counter", owner."version", v_now, v_now, v_now,
        v_now + least(p_ttl_ms, p_absolute_ms) * interval '1 millisecond', v_now + p_absolute_ms * interval '1 millisecond',
        nullif(left(p_ip, 64), ''), left(p_user_agent, 512)
      FROM "Subject" owner JOIN public."User" person ON person."id" = owner."userId"
      WHERE owner."userId" = p_user_id AND (p_proof IS NULL OR person."hashedPassword" = p_proof)
      ON CONFLICT ("digest") DO NOTHING RETURNING *
    )
    SELECT 'opened', ROW(made.*)::"Session", owner, person, ended, ended_handles
    FROM made JOIN "Subject" owner ON owner."id" = made."subject" JOIN public."User" person ON person."id" = owner."userId";
  IF FOUND THEN RETURN; END IF;

  RETURN QUERY
    SELECT 'opened', known, owner, person, ended, ended_handles
    FROM "Session" known JOIN "Subject" owner ON owner."id" = known."subject" JOIN public."User" person ON person."id" = owner."userId"
    WHERE known."digest" = p_digest;
  IF NOT FOUND AND p_proof IS NOT NULL THEN
    outcome := 'outdated';
    RETURN NEXT;
  END IF;
END
$$;

-- Ends one session of a user by its handle: the row as it is then, or none where it does not live.
CREATE FUNCTION sessions.end_by_handle(p_user_id text, p_realm text, p_handle uuid, p_reason text, p_actor text)
RETURNS SETOF sessions."Session"
LANGUAGE plpgsql VOLATILE ROWS 1 SET search_path = sessions, pg_temp AS $$
DECLARE
  v_owner "Subject";
BEGIN
  SELECT * INTO v_owner FROM "Subject" WHERE "userId" = p_user_id FOR NO KEY UPDATE;
  RETURN QUERY
    UPDATE "Session" s SET "revokedAt" = statement_timestamp(), "revokedReason" = p_reason, "revokedBy" = p_actor
    WHERE s."id" = p_handle AND s."subject" = v_owner."id" AND s."realm" = p_realm AND lives(s, v_owner)
    RETURNING s.*;
END
$$;

-- A session as its previous digest knows it: with that digest, at most until the grace is over; then
-- refused, with the reason `past-grace`. A previous digest without an instant has no grace left.
CREATE FUNCTION sessions.before_rotation(s sessions."Session", p_grace interval) RETURNS sessions."Session"
LANGUAGE plpgsql STABLE SET search_path = sessions, pg_temp AS $$
DECLARE
  v_end timestamptz := coalesce(s."rotatedAt" + p_grace, '-infinity');
BEGIN
  s."digest" := s."previousDigest";
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
CREATE FUNCTION sessions.rotate(p_digest bytea, p_next bytea, p_grace interval)
RETURNS TABLE (s sessions."Session", o sessions."Subject", u public."User", ended text)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_old sessions."Session";
BEGIN
  -- The user first: its column "sessionId" may name the session.
  PERFORM FROM public."User" owner WHERE owner."id" = (
    SELECT held."userId" FROM sessions."Session" known JOIN sessions."Subject" held ON held."id" = known."subject" WHERE known."digest" = p_digest
  ) FOR NO KEY UPDATE;
  IF FOUND THEN
    SELECT known.* INTO v_old FROM sessions."Session" known WHERE known."digest" = p_digest FOR UPDATE;
    SELECT * INTO o FROM sessions."Subject" held WHERE held."id" = v_old."subject";
    IF sessions.lives(v_old, o) THEN
      ended := sessions.digest_text(v_old."previousDigest");
      UPDATE sessions."Session" now
      SET "digest" = p_next, "previousDigest" = p_digest, "rotatedAt" = clock_timestamp(), "idVersion" = o."version"
      WHERE now."id" = v_old."id";
    END IF;
  END IF;

  RETURN QUERY
    SELECT known.s, owner, person, ended FROM (
      SELECT now AS s FROM sessions."Session" now
      WHERE now."digest" = p_digest OR (now."digest" = p_next AND now."previousDigest" = p_digest)
      UNION ALL
      SELECT sessions.before_rotation(now, p_grace) FROM sessions."Session" now WHERE now."previousDigest" = p_digest
    ) known JOIN sessions."Subject" owner ON owner."id" = (known.s)."subject" JOIN public."User" person ON person."id" = owner."userId";
END
$$;

-- Use keeps a session alive. The sessions that it changed, in any order. `p_idle_ms` 0: no idle timeout. The
-- same rule as renewedLife in policy/renewal. Rows that are locked are left for their next use.
--
-- Two uses of a session at once: the later one is carried out while the earlier one, which knows an earlier
-- time, still waits. It must not take the end just set for longer than its rule allows, so an end may be a
-- second too far ahead (LIMITS.FUTURE).
CREATE FUNCTION sessions.renew(p_handles uuid[], p_idle_ms bigint[], p_update_age_ms bigint[], p_absolute_ms bigint[])
RETURNS SETOF sessions."Session"
-- A batch of uses is small. Told a thousand rows, the planner reads every user to join a handful.
LANGUAGE plpgsql VOLATILE ROWS 10 SET search_path = sessions, pg_temp AS $$
DECLARE
  v_now timestamptz := statement_timestamp();
BEGIN
  RETURN QUERY
    WITH asked AS (
      SELECT a.handle, nullif(a.idle_ms, 0) * interval '1 millisecond' AS idle,
        a.update_age_ms * interval '1 millisecond' AS update_age, a.absolute_ms * interval '1 millisecond' AS absolute
      FROM unnest(p_handles, p_idle_ms, p_update_age_ms, p_absolute_ms) AS a(handle, idle_ms, update_age_ms, absolute_ms)
    ), allowed AS (
      SELECT live."id", live."expiresAt" AS ends, live."absoluteExpiresAt" AS held, asked.update_age,
        v_now + asked.idle AS idle_end, least(live."absoluteExpiresAt", live."createdAt" + asked.absolute) AS most
      FROM asked JOIN "Session" live ON live."id" = asked.handle JOIN "Subject" owner ON owner."id" = live."subject"
      WHERE lives(live, owner)
      ORDER BY live."id" FOR NO KEY UPDATE OF live SKIP LOCKED
    ), due AS (
      SELECT allowed."id", most, least(coalesce(idle_end, ends), most) AS ends FROM allowed
      -- What is longer than its rule allows is drawn in; the rest moves forward, at most once per update age.
      WHERE ends > idle_end + interval '1 second' OR held > most
        OR (ends <= idle_end - update_age AND ends < most)
    )
    UPDATE "Session" s SET "expiresAt" = due.ends, "absoluteExpiresAt" = due.most, "lastSeenAt" = v_now
    FROM due WHERE s."id" = due."id" RETURNING s.*;
END
$$;

-- A session in the place of a user: `refused` where the actor's session does not live, is no
-- administrator's or has an actor itself, and where the user is an administrator; no row when there
-- is no such user. `authenticatedAt` is long ago: nobody has proved that they are the user.
CREATE FUNCTION sessions.impersonate(
  p_handle uuid, p_digest bytea, p_actor_digest bytea, p_user_id text, p_realm text,
  p_ttl_ms bigint, p_ip text, p_user_agent text
) RETURNS TABLE (refused boolean, s sessions."Session", o sessions."Subject", u public."User")
LANGUAGE plpgsql VOLATILE SET search_path = sessions, pg_temp AS $$
DECLARE
  v_now timestamptz := statement_timestamp();
  v_actor "Session";
  v_held "Subject";
  v_admin public."User";
  v_end timestamptz;
BEGIN
  SELECT held.* INTO v_held FROM "Session" known JOIN "Subject" held ON held."id" = known."subject"
  WHERE known."digest" = p_actor_digest AND known."realm" = p_realm;
  -- Both users in one order; then the actor's subject and session, so that an end which is under way has
  -- happened, and a later one finds what is made here.
  PERFORM 1 FROM public."User" WHERE "id" IN (p_user_id, v_held."userId") ORDER BY "id" FOR NO KEY UPDATE;
  SELECT * INTO v_held FROM "Subject" WHERE "id" = v_held."id" FOR SHARE;
  SELECT * INTO v_actor FROM "Session" WHERE "digest" = p_actor_digest AND "realm" = p_realm FOR SHARE;
  SELECT * INTO v_admin FROM public."User" WHERE "id" = v_held."userId";
  SELECT * INTO u FROM public."User" WHERE "id" = p_user_id;
  IF u IS NULL THEN RETURN; END IF;

  o := subject_of(p_user_id);
  refused := coalesce(
    v_actor."subject" <> v_held."id" OR NOT lives(v_actor, v_held) OR v_actor."actorHandle" IS NOT NULL
      OR v_admin."role" <> 'ADMIN' OR u."role" = 'ADMIN',
    true
  );
  IF NOT refused THEN
    v_end := least(v_now + p_ttl_ms * interval '1 millisecond', v_actor."expiresAt");
    INSERT INTO "Session" (
      "id", "digest", "subject", "realm", "stamp", "idVersion", "createdAt", "lastSeenAt", "authenticatedAt",
      "expiresAt", "absoluteExpiresAt", "ip", "userAgent", "actorId", "actorHandle"
    ) VALUES (
      p_handle, p_digest, o."id", p_realm, o."counter", o."version", v_now, v_now, to_timestamp(0), v_end, v_end,
      nullif(left(p_ip, 64), ''), left(p_user_agent, 512), v_admin."id", v_actor."id"
    )
    ON CONFLICT ("digest") DO NOTHING;
    SELECT * INTO s FROM "Session" WHERE "digest" = p_digest;
  END IF;
  RETURN NEXT;
END
$$;

-- Sets columns of a user, those that `p_set` names. `named`: digests of the session that the column
-- "sessionId" named; the rest as `follow_user`. `outdated`: nothing was done, since the password that was verified is no
-- longer the user's.
-- This and what else writes the users' table names everything in full and leaves the search_path alone, since an
-- application's own triggers there run under it.
CREATE FUNCTION sessions.change_user(p_id text, p_set jsonb, p_keep uuid, p_next bytea, p_realm text, p_proof text DEFAULT NULL)
RETURNS TABLE (outdated boolean, u public."User", o sessions."Subject", raised integer, named text[], cut text)
LANGUAGE plpgsql VOLATILE SET session.managed = 'off' AS $$
DECLARE
  v_old public."User";
BEGIN
  SELECT * INTO v_old FROM public."User" WHERE "id" = p_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;

  outdated := p_proof IS NOT NULL AND p_proof IS DISTINCT FROM v_old."hashedPassword";
  IF outdated THEN
    u := v_old;
    RETURN NEXT;
    RETURN;
  END IF;

  SELECT coalesce(array_agg(sessions.digest_text(known.digest)), '{}') INTO named
  FROM sessions."Session" s JOIN sessions."Subject" owner ON owner."id" = s."subject", LATERAL (VALUES (s."digest"), (s."previousDigest")) AS known(digest)
  WHERE sessions.digest_named(substr(v_old."sessionId", 8)) IN (s."digest", s."previousDigest") AND owner."userId" = p_id AND known.digest IS NOT NULL;

  PERFORM set_config('session.managed', 'user:' || p_id, true);
  -- Those columns and no other, so that an application's own triggers on a column stay as quiet as they were.
  IF p_set <> '{}' THEN
    EXECUTE (
      SELECT 'UPDATE public."User" held SET ' || string_agg(format('%1$I = given.%1$I', name), ', ')
        || ' FROM jsonb_populate_record(NULL::public."User", $2) given WHERE held."id" = $1'
      FROM jsonb_object_keys(p_set) name
    ) USING p_id, p_set;
  END IF;
  PERFORM set_config('session.managed', 'off', true);
  -- As those triggers have left it.
  SELECT * INTO u FROM public."User" person WHERE person."id" = p_id;
  SELECT made.raised, made.cut INTO raised, cut FROM sessions.follow_user(v_old, u, p_keep, p_next, p_realm) made;
  SELECT * INTO o FROM sessions."Subject" owner WHERE owner."userId" = p_id;

  SELECT * INTO u FROM public."User" person WHERE person."id" = p_id;
  RETURN NEXT;
END
$$;

-- Same password, new hash: ends nothing.
CREATE FUNCTION sessions.rehash(p_id text, p_from text, p_to text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET session.managed = 'off' AS $$
DECLARE
  v_old public."User";
  v_new public."User";
BEGIN
  SELECT * INTO v_old FROM public."User" WHERE "id" = p_id AND "hashedPassword" = p_from FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;

  PERFORM set_config('session.managed', 'user:' || p_id, true);
  UPDATE public."User" SET "hashedPassword" = p_to WHERE "id" = p_id;
  PERFORM set_config('session.managed', 'off', true);
  -- What an application's own triggers have changed beside it is no part of this.
  SELECT * INTO v_new FROM public."User" WHERE "id" = p_id;
  v_new."hashedPassword" := v_old."hashedPassword";
  PERFORM sessions.follow_user(v_old, v_new, NULL, NULL, NULL);
  RETURN true;
END
$$;

-- Says in the rows below raised floors when and why they have ended, and forgets raises older than so many
-- milliseconds, with the subject where the user has gone: up to so many rows and raises; how many. Nothing that
-- travels: the raise has told of it.
CREATE FUNCTION sessions.mark_ended(p_limit integer, p_older_ms double precision DEFAULT 86400000) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = sessions, pg_temp SET session.managed = 'on' AS $$
DECLARE
  v_raise "Raise";
  v_sum integer := 0;
  v_some integer;
BEGIN
  FOR v_raise IN SELECT * FROM "Raise" WHERE "markedAt" IS NULL ORDER BY "id" LIMIT p_limit FOR UPDATE SKIP LOCKED LOOP
    WITH below AS (
      SELECT s."id" FROM "Session" s
      WHERE s."subject" = v_raise."subject" AND s."realm" = coalesce(v_raise."realm", s."realm")
        AND s."stamp" < v_raise."floor" AND s."revokedAt" IS NULL AND s."expiresAt" > v_raise."at"
      LIMIT p_limit - v_sum FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE "Session" s SET "revokedAt" = v_raise."at", "revokedReason" = v_raise."reason", "revokedBy" = v_raise."actor"
    FROM below WHERE s."id" = below."id";
    GET DIAGNOSTICS v_some = ROW_COUNT;
    v_sum := v_sum + v_some;
    EXIT WHEN v_sum >= p_limit;

    -- What was locked waits for the next call, and the raise with it.
    UPDATE "Raise" done SET "markedAt" = statement_timestamp() WHERE done."id" = v_raise."id" AND NOT EXISTS (
      SELECT FROM "Session" s
      WHERE s."subject" = v_raise."subject" AND s."realm" = coalesce(v_raise."realm", s."realm")
        AND s."stamp" < v_raise."floor" AND s."revokedAt" IS NULL AND s."expiresAt" > v_raise."at"
    );
    GET DIAGNOSTICS v_some = ROW_COUNT;
    v_sum := v_sum + v_some;
    EXIT WHEN v_sum >= p_limit;
  END LOOP;

  -- By then their sessions have gone as well, unless a run was stopped: then their lines in the audit name nobody.
  FOR v_raise IN
    SELECT * FROM "Raise" WHERE "markedAt" < statement_timestamp() - p_older_ms * interval '1 millisecond'
    ORDER BY "id" LIMIT p_limit - v_sum FOR UPDATE SKIP LOCKED
  LOOP
    DELETE FROM "Subject" o WHERE v_raise."reason" = 'user-deleted' AND o."id" = v_raise."subject" AND o."floor" = v_raise."floor"
      AND NOT EXISTS (SELECT FROM public."User" u WHERE u."id" = o."userId");
    DELETE FROM "Raise" WHERE "id" = v_raise."id";
    v_sum := v_sum + 1;
  END LOOP;
  RETURN v_sum;
END
$$;

-- After a restore: versions of live sessions, a batch after a handle, that outrank every copy made of what the
-- record has forgotten. Nothing travels, since whoever restores drops all copies. `last` is NULL at the end.
CREATE FUNCTION sessions.outrank(p_after uuid, p_limit integer, OUT rows integer, OUT last uuid)
LANGUAGE plpgsql VOLATILE SET search_path = sessions, pg_temp SET session.managed = 'on' AS $$
BEGIN
  WITH batch AS (
    SELECT "id" FROM "Session"
    WHERE "id" > p_after AND "revokedAt" IS NULL AND "expiresAt" > statement_timestamp()
    ORDER BY "id" LIMIT p_limit FOR NO KEY UPDATE
  ), raised AS (
    -- More than can have been counted between a backup and its restore.
    UPDATE "Session" s SET "version" = s."version" + 4294967296 FROM batch WHERE s."id" = batch."id" RETURNING s."id"
  )
  SELECT count(*), (array_agg("id" ORDER BY "id" DESC))[1] INTO rows, last FROM raised;
END
$$;

-- What the carrier reads: what no look up to this snapshot could see (from its xmax on, or in progress then),
-- and what is left of the rows that it remembers. Through the index whatever the table held when this was planned;
-- a plan that has no other way is so dear then that it would be compiled, for a third of a second each time.
CREATE FUNCTION sessions.outbox_look(p_from xid8, p_open xid8[], p_xacts xid8[], p_ids bigint[], p_limit integer)
RETURNS SETOF sessions."Outbox"
LANGUAGE plpgsql STABLE SET search_path = sessions, pg_temp SET enable_seqscan = off SET jit = off AS $$
BEGIN
  RETURN QUERY SELECT * FROM "Outbox" WHERE "xact" >= p_from LIMIT p_limit;
  RETURN QUERY SELECT * FROM "Outbox" WHERE "xact" = ANY(p_open) LIMIT p_limit;
  RETURN QUERY SELECT o.* FROM unnest(p_xacts, p_ids) AS known(xact, id) JOIN "Outbox" o ON o."xact" = known.xact AND o."id" = known.id;
END
$$;

-- Deletes what these masters took, where each is still named: what one had taken that counts no more must go to
-- the next. What another transaction deletes just now is left to it.
CREATE FUNCTION sessions.outbox_carried(p_kinds text[], p_keys text[], p_versions bigint[], p_masters text[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = sessions, pg_temp SET enable_seqscan = off SET jit = off AS $$
BEGIN
  DELETE FROM "Outbox" gone USING (
    SELECT o."xact", o."id" FROM unnest(p_kinds, p_keys, p_versions, p_masters) AS done(kind, key, version, master)
    JOIN "Outbox" o ON o."key" = done.key AND o."kind" = done.kind AND o."version" <= done.version
    WHERE EXISTS (SELECT FROM "Masters" m WHERE m."one" AND m."since" ? done.master)
    FOR UPDATE OF o SKIP LOCKED
  ) taken WHERE gone."xact" = taken."xact" AND gone."id" = taken."id";
END
$$;

-- 8. The audit --------------------------------------------------------------------------------------------
-- Off until `session-management audit on`, so that nobody pays who did not ask for it. Written with the
-- rights of the owner: an application's role needs none to the table.

-- Whoever owns the table can still drop this.
CREATE FUNCTION sessions.audit_keep() RETURNS trigger
LANGUAGE plpgsql SET search_path = sessions, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD."at" < statement_timestamp() - interval '1 day' THEN RETURN OLD; END IF;
  RAISE EXCEPTION USING
    ERRCODE = 'object_not_in_prerequisite_state',
    MESSAGE = 'the audit of sessions is only added to',
    HINT = 'Rows go by their age alone, after a day at least: session-management cleanup --audit 365d';
END
$$;

CREATE TRIGGER "Audit_1_keep" BEFORE UPDATE OR DELETE ON sessions."Audit"
FOR EACH ROW EXECUTE FUNCTION sessions.audit_keep();
CREATE TRIGGER "Audit_2_keep" BEFORE TRUNCATE ON sessions."Audit"
FOR EACH STATEMENT EXECUTE FUNCTION sessions.audit_keep();

-- Up to so many rows older than so many milliseconds, a day at least; how many.
CREATE FUNCTION sessions.audit_forget(p_limit integer, p_older_ms double precision) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = sessions, pg_temp AS $$
DECLARE
  v_gone integer;
BEGIN
  WITH old AS (
    SELECT "id" FROM "Audit"
    WHERE "at" < statement_timestamp() - greatest(p_older_ms * interval '1 millisecond', interval '1 day')
    ORDER BY "at" LIMIT p_limit FOR UPDATE SKIP LOCKED
  )
  DELETE FROM "Audit" gone USING old WHERE gone."id" = old."id";
  GET DIAGNOSTICS v_gone = ROW_COUNT;
  RETURN v_gone;
END
$$;

CREATE FUNCTION sessions.audit_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sessions, pg_temp AS $$
DECLARE
  v_user text;
BEGIN
  SELECT o."userId" INTO v_user FROM "Subject" o WHERE o."id" = NEW."subject";
  INSERT INTO "Audit" ("kind", "at", "userId", "realm", "handle", "reason", "actor", "ip", "userAgent")
  SELECT TG_ARGV[0], NEW."createdAt", v_user, NEW."realm", NEW."id", NULL, NULL, NEW."ip", NEW."userAgent" WHERE TG_ARGV[0] = 'created'
  UNION ALL
  SELECT TG_ARGV[0], NEW."authenticatedAt", v_user, NEW."realm", NEW."id", NULL, NULL, NULL, NULL WHERE TG_ARGV[0] = 'identity-confirmed'
  UNION ALL
  SELECT TG_ARGV[0], NEW."revokedAt", v_user, NEW."realm", NEW."id", NEW."revokedReason", NEW."revokedBy", NULL, NULL WHERE TG_ARGV[0] = 'revoked';
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_7_audit_created" AFTER INSERT ON sessions."Session"
FOR EACH ROW EXECUTE FUNCTION sessions.audit_session('created');

CREATE TRIGGER "Session_8_audit_confirmed" AFTER UPDATE OF "authenticatedAt" ON sessions."Session"
FOR EACH ROW WHEN (NEW."authenticatedAt" > OLD."authenticatedAt")
EXECUTE FUNCTION sessions.audit_session('identity-confirmed');

CREATE TRIGGER "Session_9_audit_revoked" AFTER UPDATE OF "revokedAt" ON sessions."Session"
FOR EACH ROW WHEN (OLD."revokedAt" IS NULL AND NEW."revokedAt" IS NOT NULL)
EXECUTE FUNCTION sessions.audit_session('revoked');

-- One statement for all rows: `cleanup` deletes by the thousand. An end by time is known by now only.
CREATE FUNCTION sessions.audit_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sessions, pg_temp AS $$
BEGIN
  INSERT INTO "Audit" ("at", "kind", "userId", "realm", "handle")
  SELECT least(gone."expiresAt", statement_timestamp()),
    CASE WHEN gone."expiresAt" <= statement_timestamp() THEN 'expired' ELSE 'deleted' END,
    o."userId", gone."realm", gone."id"
  FROM gone JOIN "Subject" o ON o."id" = gone."subject" WHERE gone."revokedAt" IS NULL;
  RETURN NULL;
END
$$;

CREATE TRIGGER "Session_9_audit_deleted" AFTER DELETE ON sessions."Session"
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION sessions.audit_deleted();

-- The line of an end of many, in its transaction; those of the sessions follow, dated alike, when they are marked.
CREATE FUNCTION sessions.audit_raised() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sessions, pg_temp AS $$
BEGIN
  INSERT INTO "Audit" ("at", "kind", "userId", "realm", "reason", "actor")
  SELECT NEW."at", 'all-revoked', o."userId", NEW."realm", NEW."reason", NEW."actor" FROM "Subject" o WHERE o."id" = NEW."subject";
  RETURN NULL;
END
$$;

CREATE TRIGGER "Raise_1_audit" AFTER INSERT ON sessions."Raise"
FOR EACH ROW EXECUTE FUNCTION sessions.audit_raised();

ALTER TABLE sessions."Session"
  DISABLE TRIGGER "Session_7_audit_created",
  DISABLE TRIGGER "Session_8_audit_confirmed",
  DISABLE TRIGGER "Session_9_audit_revoked",
  DISABLE TRIGGER "Session_9_audit_deleted";
ALTER TABLE sessions."Raise" DISABLE TRIGGER "Raise_1_audit";

-- 9. Who may do what ----------------------------------------------------------------------------------------
-- PostgreSQL lets everybody run a new function. Of ours nobody may but the owner, and the roles that
-- `migrate --grant-to` names; it also takes back what default privileges have given away.

REVOKE ALL ON SCHEMA sessions FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA sessions FROM PUBLIC;
