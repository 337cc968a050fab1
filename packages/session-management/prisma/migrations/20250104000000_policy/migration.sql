-- A log-in at the realm's limit of sessions. Beside the function of before, which processes of the
-- version before this one still call while both run.

-- The session that has this digest, and by digest and handle what the log-in ended to make room. At a limit
-- with the rule `reject-new`, the user alone; no row when there is no such user. Said twice, one
-- session, and nothing ends for it again: the outbox tells of what ended the first time.
CREATE FUNCTION session_create(
  p_handle text, p_digest text, p_user_id text, p_realm text,
  p_ttl_ms bigint, p_absolute_ms bigint, p_ip text, p_user_agent text,
  p_most integer, p_rule text
) RETURNS TABLE (s "Session", u "User", ended text[], ended_handles text[])
LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
DECLARE
  v_epoch integer;
  v_over integer;
BEGIN
  ended := '{}';
  ended_handles := '{}';
  IF p_most IS NOT NULL THEN
    -- Whoever holds this lock is alone with the user's sessions: each statement below sees all that
    -- committed before it, so that log-ins at once are counted one after the other.
    SELECT owner."sessionEpoch" INTO v_epoch FROM "User" owner WHERE owner."id" = p_user_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN; END IF;

    IF NOT EXISTS (SELECT 1 FROM "Session" known WHERE known."digest" = p_digest) THEN
      SELECT count(*) + 1 - p_most INTO v_over FROM "Session" live
      WHERE live."userId" = p_user_id AND live."realm" = p_realm AND session_lives(live, v_epoch);

      IF v_over > 0 AND p_rule = 'reject-new' THEN
        SELECT owner INTO u FROM "User" owner WHERE owner."id" = p_user_id;
        RETURN NEXT;
        RETURN;
      END IF;

      IF v_over > 0 THEN
        WITH gone AS (
          UPDATE "Session" old SET "revokedAt" = statement_timestamp(), "revokedReason" = 'limit'
          WHERE old."id" IN (
            SELECT live."id" FROM "Session" live
            WHERE live."userId" = p_user_id AND live."realm" = p_realm AND session_lives(live, v_epoch)
            ORDER BY CASE p_rule WHEN 'end-least-recent' THEN live."lastSeenAt" ELSE live."createdAt" END, live."id"
            LIMIT v_over
          ) AND old."revokedAt" IS NULL
          RETURNING old."id" AS handle, old."digest" AS digest, old."previousDigest" AS previous
        )
        SELECT coalesce(array_agg(known.digest), '{}'), coalesce(array_agg(DISTINCT gone.handle), '{}')
        INTO ended, ended_handles
        FROM gone, LATERAL (VALUES (gone.digest), (gone.previous)) AS known(digest)
        WHERE known.digest IS NOT NULL;
      END IF;
    END IF;
  END IF;

  RETURN QUERY
    SELECT made.s, made.u, ended, ended_handles
    FROM session_create(p_handle, p_digest, p_user_id, p_realm, p_ttl_ms, p_absolute_ms, p_ip, p_user_agent) made;
END
$$;
