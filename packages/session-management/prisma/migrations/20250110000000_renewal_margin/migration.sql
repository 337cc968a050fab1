-- Two uses of a session at once: the later one is carried out while the earlier one, which knows an
-- earlier time, still waits. It must not take the end just set for longer than its rule allows, draw it
-- in by that moment, and raise the version for it. So an end may be a second too far ahead (LIMITS.FUTURE).

CREATE OR REPLACE FUNCTION session_renew(
  p_handles text[], p_idle_ms bigint[], p_update_age_ms bigint[], p_absolute_ms bigint[]
) RETURNS SETOF "Session"
LANGUAGE plpgsql VOLATILE ROWS 10 SET search_path FROM CURRENT AS $$
DECLARE
  v_now timestamptz := statement_timestamp();
  v_quiet text := coalesce(current_setting('session.quiet', true), '');
BEGIN
  -- 1. What is longer than its rule allows.
  RETURN QUERY
    WITH asked AS (
      SELECT a.handle, nullif(a.idle_ms, 0) * interval '1 millisecond' AS idle, a.absolute_ms * interval '1 millisecond' AS absolute
      FROM unnest(p_handles, p_idle_ms, p_absolute_ms) AS a(handle, idle_ms, absolute_ms)
    ), due AS (
      SELECT live."id", least(live."absoluteExpiresAt", live."createdAt" + asked.absolute) AS most,
        least(coalesce(v_now + asked.idle, live."expiresAt"), live."absoluteExpiresAt", live."createdAt" + asked.absolute) AS ends
      FROM asked JOIN "Session" live ON live."id" = asked.handle JOIN "User" owner ON owner."id" = live."userId"
      WHERE session_lives(live, owner."sessionEpoch")
        AND (live."expiresAt" > v_now + asked.idle + interval '1 second'
          OR live."absoluteExpiresAt" > live."createdAt" + asked.absolute)
      ORDER BY live."id" FOR NO KEY UPDATE OF live SKIP LOCKED
    )
    UPDATE "Session" s SET "expiresAt" = due.ends, "absoluteExpiresAt" = due.most, "lastSeenAt" = v_now
    FROM due WHERE s."id" = due."id" RETURNING s.*;

  -- 2. What is due, each at most once per update age.
  PERFORM set_config('session.quiet', 'on', true);
  RETURN QUERY
    WITH asked AS (
      SELECT a.handle, a.idle_ms * interval '1 millisecond' AS idle, a.update_age_ms * interval '1 millisecond' AS update_age
      FROM unnest(p_handles, p_idle_ms, p_update_age_ms) AS a(handle, idle_ms, update_age_ms)
      WHERE a.idle_ms > 0
    ), due AS (
      SELECT live."id", least(v_now + asked.idle, live."absoluteExpiresAt") AS ends
      FROM asked JOIN "Session" live ON live."id" = asked.handle JOIN "User" owner ON owner."id" = live."userId"
      WHERE session_lives(live, owner."sessionEpoch")
        AND live."expiresAt" <= v_now + asked.idle - asked.update_age
        AND live."expiresAt" < live."absoluteExpiresAt"
      ORDER BY live."id" FOR NO KEY UPDATE OF live SKIP LOCKED
    )
    UPDATE "Session" s SET "expiresAt" = due.ends, "lastSeenAt" = v_now
    FROM due WHERE s."id" = due."id" RETURNING s.*;
  PERFORM set_config('session.quiet', v_quiet, true);
END
$$;
