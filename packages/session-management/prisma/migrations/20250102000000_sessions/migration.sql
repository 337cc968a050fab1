-- Sessions of their own. A database that runs the document's design upgrades in place: who is
-- signed in stays signed in for what is left of seven days, and no plain sessionId remains.
-- Runs in one transaction: all of it, or nothing.
-- Needs PostgreSQL 14 or newer, encoding UTF8, built with ICU.

LOCK TABLE "User" IN ACCESS EXCLUSIVE MODE;

-- 1. Small functions ---------------------------------------------------------------------------

-- The one form of an e-mail address: trimmed, NFKC, lower case. The same rule as normalizeEmail:
-- the characters are those that String.prototype.trim takes away.
CREATE FUNCTION session_email(p_email text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(normalize(btrim(p_email, E'\t\n\u000b\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'), NFKC) COLLATE "und-x-icu")
$$;

-- The only form of a sessionId at rest: SHA-256, base64url without padding.
CREATE FUNCTION session_digest(p_text text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT translate(encode(sha256(convert_to(p_text, 'UTF8')), 'base64'), '+/=', '-_')
$$;

-- Whether a cookie can carry this value: 1 to 255 cookie-octets of RFC 6265.
CREATE FUNCTION session_presentable(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p_text ~ '^[\u0021\u0023-\u002b\u002d-\u003a\u003c-\u005b\u005d-\u007e]{1,255}$'
$$;

-- A new handle: UUIDv7, whose first 48 bits are the time in milliseconds.
-- A random UUID is version 4 (0100); bits 52 and 53 make it 7 (0111).
CREATE FUNCTION session_handle() RETURNS text
LANGUAGE sql VOLATILE AS $$
  SELECT encode(set_bit(set_bit(overlay(
    uuid_send(gen_random_uuid())
    placing substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
    FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid::text
$$;

-- 2. E-mail: one normal form -------------------------------------------------------------------

DO $$
DECLARE
  v_groups integer;
  v_list text;
BEGIN
  PERFORM session_email('fails here unless the encoding is UTF8');

  WITH same AS (
    SELECT session_email("email") AS form, count(*) AS users, string_agg(format('%s (id %s)', "email", "id"), ', ' ORDER BY "createdAt", "id") AS addresses
    FROM "User" GROUP BY 1 HAVING count(*) > 1
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

UPDATE "User" SET "email" = session_email("email") WHERE "email" <> session_email("email");

-- 3. Sessions ----------------------------------------------------------------------------------

CREATE TABLE "Session" (
  "id" TEXT NOT NULL,
  "digest" TEXT NOT NULL,
  "previousDigest" TEXT,
  "rotatedAt" TIMESTAMPTZ(3),
  "userId" TEXT NOT NULL,
  "realm" TEXT NOT NULL DEFAULT 'web',
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "lastSeenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "authenticatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" TIMESTAMPTZ(3) NOT NULL,
  "absoluteExpiresAt" TIMESTAMPTZ(3) NOT NULL,
  "revokedAt" TIMESTAMPTZ(3),
  "revokedReason" TEXT,
  "ip" TEXT,
  "userAgent" TEXT,
  "epoch" INTEGER NOT NULL,
  "version" BIGINT NOT NULL DEFAULT 1,

  CONSTRAINT "Session_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Session_absolute_check" CHECK ("expiresAt" <= "absoluteExpiresAt"),
  CONSTRAINT "Session_bounds_check" CHECK (length("userAgent") <= 512 AND length("ip") <= 64),
  CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "Session_digest_key" ON "Session"("digest");
CREATE UNIQUE INDEX "Session_previousDigest_key" ON "Session"("previousDigest");
CREATE INDEX "Session_userId_realm_createdAt_idx" ON "Session"("userId", "realm", "createdAt");
CREATE INDEX "Session_expiresAt_idx" ON "Session"("expiresAt");
CREATE INDEX "Session_revokedAt_idx" ON "Session"("revokedAt");

-- The one rule of life. Simple enough for the planner to write it into the statement that uses it.
CREATE FUNCTION session_lives(s "Session", p_user_epoch integer) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT s."revokedAt" IS NULL AND s."expiresAt" > statement_timestamp() AND s."epoch" >= p_user_epoch
$$;

-- 4. What is there becomes sessions --------------------------------------------------------------

-- Old ids live for what is left of seven days after the last log-in; a time in the future counts as
-- now, so none is immortal. An id that two users hold could sign in either: it signs in neither.
INSERT INTO "Session" ("id", "digest", "userId", "createdAt", "lastSeenAt", "authenticatedAt", "expiresAt", "absoluteExpiresAt", "epoch")
SELECT session_handle(), session_digest(held."sessionId"), held."id", began, began, began, began + interval '604800 seconds', began + interval '604800 seconds', 0
FROM (
  SELECT "id", "sessionId", least(coalesce("lastLoginAt" AT TIME ZONE 'UTC', now()), now()) AS began, count(*) OVER (PARTITION BY "sessionId") AS holders
  FROM "User" WHERE "sessionId" IS NOT NULL
) AS held
WHERE holders = 1 AND session_presentable("sessionId");

UPDATE "User" SET "sessionId" = (SELECT 'sha256:' || s."digest" FROM "Session" s WHERE s."userId" = "User"."id")
WHERE "sessionId" IS NOT NULL;

-- Last, because it writes the table anew: no dead row keeps a plain id. Old times are UTC.
CREATE SEQUENCE "User_version_seq" AS BIGINT;
ALTER TABLE "User"
  ALTER COLUMN "createdAt" DROP DEFAULT,
  ALTER COLUMN "createdAt" TYPE TIMESTAMPTZ(3) USING "createdAt" AT TIME ZONE 'UTC',
  ALTER COLUMN "createdAt" SET DEFAULT CURRENT_TIMESTAMP,
  ALTER COLUMN "lastLoginAt" TYPE TIMESTAMPTZ(3) USING "lastLoginAt" AT TIME ZONE 'UTC',
  ADD COLUMN "version" BIGINT NOT NULL DEFAULT nextval('"User_version_seq"'),
  ADD COLUMN "sessionEpoch" INTEGER NOT NULL DEFAULT 0;
ALTER SEQUENCE "User_version_seq" OWNED BY "User"."version";

-- 5. Rules that hold whoever writes --------------------------------------------------------------
-- Functions that name tables keep the search_path of this migration, so they work in a schema of
-- the application's choice, for callers with any search_path. Triggers fire in the order of their names.

CREATE FUNCTION session_keep_ended() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF OLD."revokedAt" IS NOT NULL THEN
    NEW."revokedAt" := OLD."revokedAt";
    NEW."revokedReason" := OLD."revokedReason";
  END IF;

  IF (NEW."digest", NEW."previousDigest", NEW."userId", NEW."realm", NEW."authenticatedAt", NEW."expiresAt", NEW."absoluteExpiresAt", NEW."revokedAt", NEW."epoch")
    IS DISTINCT FROM
    (OLD."digest", OLD."previousDigest", OLD."userId", OLD."realm", OLD."authenticatedAt", OLD."expiresAt", OLD."absoluteExpiresAt", OLD."revokedAt", OLD."epoch")
  THEN
    NEW."version" := OLD."version" + 1;
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER "Session_1_update" BEFORE UPDATE ON "Session"
FOR EACH ROW EXECUTE FUNCTION session_keep_ended();

CREATE FUNCTION session_user_email() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  NEW."email" := session_email(NEW."email");
  RETURN NEW;
END
$$;

CREATE TRIGGER "User_1_email" BEFORE INSERT OR UPDATE OF "email" ON "User"
FOR EACH ROW EXECUTE FUNCTION session_user_email();

-- The inbox. Before the write, so that a plain sessionId reaches neither table nor log. What it
-- hashed it tells the trigger after the write, through a setting of this transaction: only there
-- does the user exist, and does an INSERT … ON CONFLICT know which way it went.
CREATE FUNCTION session_inbox_hash() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  v_digest text;
BEGIN
  IF NOT session_presentable(NEW."sessionId") THEN
    NEW."sessionId" := NULL;
    RETURN NEW;
  END IF;

  v_digest := session_digest(NEW."sessionId");
  NEW."sessionId" := 'sha256:' || v_digest;
  PERFORM set_config('session.inbox', coalesce(current_setting('session.inbox', true), '') || v_digest || ' ', true);
  RETURN NEW;
END
$$;

CREATE TRIGGER "User_2_inbox" BEFORE INSERT OR UPDATE OF "sessionId" ON "User"
FOR EACH ROW WHEN (NEW."sessionId" NOT LIKE 'sha256:%') EXECUTE FUNCTION session_inbox_hash();

CREATE FUNCTION session_inbox_file() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  v_hashed text := coalesce(current_setting('session.inbox', true), '');
  v_digest text := substr(NEW."sessionId", 8);
  v_end timestamptz := statement_timestamp() + interval '604800 seconds';
BEGIN
  IF position(v_digest || ' ' IN v_hashed) = 0 THEN RETURN NULL; END IF;

  PERFORM set_config('session.inbox', replace(v_hashed, v_digest || ' ', ''), true);
  INSERT INTO "Session" ("id", "digest", "userId", "createdAt", "lastSeenAt", "authenticatedAt", "expiresAt", "absoluteExpiresAt", "epoch")
  VALUES (session_handle(), v_digest, NEW."id", statement_timestamp(), statement_timestamp(), statement_timestamp(), v_end, v_end, NEW."sessionEpoch")
  ON CONFLICT ("digest") DO NOTHING;
  RETURN NULL;
END
$$;

CREATE TRIGGER "User_4_inbox" AFTER INSERT OR UPDATE OF "sessionId" ON "User"
FOR EACH ROW WHEN (NEW."sessionId" LIKE 'sha256:%') EXECUTE FUNCTION session_inbox_file();

CREATE FUNCTION session_inbox_clear() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  v_digest text := substr(OLD."sessionId", 8);
BEGIN
  UPDATE "Session" SET "revokedAt" = statement_timestamp(), "revokedReason" = 'signed-out'
  WHERE ("digest" = v_digest OR "previousDigest" = v_digest) AND "userId" = NEW."id" AND "revokedAt" IS NULL;
  RETURN NULL;
END
$$;

CREATE TRIGGER "User_5_clear" AFTER UPDATE OF "sessionId" ON "User"
FOR EACH ROW WHEN (NEW."sessionId" IS NULL AND OLD."sessionId" LIKE 'sha256:%') EXECUTE FUNCTION session_inbox_clear();

-- A new hash ends all sessions, unless the transaction says `session.rehash = on` (same password).
-- The epoch never falls, so what ended by it stays ended.
CREATE FUNCTION session_user_version() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  NEW."sessionEpoch" := greatest(NEW."sessionEpoch", OLD."sessionEpoch");
  IF NEW."hashedPassword" IS DISTINCT FROM OLD."hashedPassword"
    AND current_setting('session.rehash', true) IS DISTINCT FROM 'on'
  THEN
    NEW."sessionEpoch" := greatest(NEW."sessionEpoch", OLD."sessionEpoch" + 1);
  END IF;

  IF (NEW."email", NEW."role", NEW."isVerified", NEW."hashedPassword", NEW."sessionEpoch", NEW."createdAt")
    IS DISTINCT FROM
    (OLD."email", OLD."role", OLD."isVerified", OLD."hashedPassword", OLD."sessionEpoch", OLD."createdAt")
  THEN
    NEW."version" := nextval('"User_version_seq"');
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER "User_3_version" BEFORE UPDATE ON "User"
FOR EACH ROW EXECUTE FUNCTION session_user_version();

-- A raised epoch marks the rows that it ends, all but the handle in `session.keep`.
-- `session.reason` says why; without it, it was the password.
CREATE FUNCTION session_user_epoch() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE "Session" s SET "epoch" = NEW."sessionEpoch"
  WHERE s."id" = current_setting('session.keep', true) AND s."userId" = NEW."id" AND session_lives(s, OLD."sessionEpoch");

  UPDATE "Session" s SET
    "revokedAt" = statement_timestamp(),
    "revokedReason" = coalesce(nullif(current_setting('session.reason', true), ''), 'password-changed')
  WHERE s."userId" = NEW."id" AND s."epoch" < NEW."sessionEpoch" AND session_lives(s, 0);
  RETURN NULL;
END
$$;

CREATE TRIGGER "User_6_epoch" AFTER UPDATE ON "User"
FOR EACH ROW WHEN (NEW."sessionEpoch" > OLD."sessionEpoch") EXECUTE FUNCTION session_user_epoch();

-- 6. Verbs that need a lock first, and a later statement to look -----------------------------------

-- The session that has this digest, or no row when there is no such user. Said twice, one session:
-- the caller looks whether it lives and is the one that was meant.
CREATE FUNCTION session_create(
  p_handle text, p_digest text, p_user_id text, p_realm text,
  p_ttl_ms bigint, p_absolute_ms bigint, p_ip text, p_user_agent text
) RETURNS TABLE (s "Session", u "User")
LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
DECLARE
  v_now timestamptz := statement_timestamp();
  v_epoch integer;
BEGIN
  -- Waits for an "end all" of this user that is under way, and then sees its epoch.
  SELECT owner."sessionEpoch" INTO v_epoch FROM "User" owner WHERE owner."id" = p_user_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;

  INSERT INTO "Session" ("id", "digest", "userId", "realm", "createdAt", "lastSeenAt", "authenticatedAt", "expiresAt", "absoluteExpiresAt", "ip", "userAgent", "epoch")
  VALUES (
    p_handle, p_digest, p_user_id, p_realm, v_now, v_now, v_now,
    v_now + least(p_ttl_ms, p_absolute_ms) * interval '1 millisecond', v_now + p_absolute_ms * interval '1 millisecond',
    nullif(left(p_ip, 64), ''), left(p_user_agent, 512), v_epoch
  )
  ON CONFLICT ("digest") DO NOTHING;

  RETURN QUERY
    SELECT made, owner FROM "Session" made JOIN "User" owner ON owner."id" = made."userId"
    WHERE made."digest" = p_digest;
END
$$;

-- How many sessions it ended, and the user after it; no row when there is no such user.
CREATE FUNCTION session_end_all(p_user_id text, p_reason text)
RETURNS TABLE (ended integer, u "User")
LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM 1 FROM "User" WHERE "id" = p_user_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;

  SELECT count(*) INTO ended FROM "Session" live JOIN "User" owner ON owner."id" = live."userId"
  WHERE live."userId" = p_user_id AND session_lives(live, owner."sessionEpoch");

  PERFORM set_config('session.reason', p_reason, true);
  UPDATE "User" owner SET "sessionEpoch" = "sessionEpoch" + 1 WHERE "id" = p_user_id RETURNING owner.* INTO u;
  PERFORM set_config('session.reason', '', true);
  RETURN NEXT;
END
$$;
