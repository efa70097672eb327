const definer = `SECURITY DEFINER SET search_path = pg_catalog, pg_temp`;

export const retentionFunctions: readonly string[] = [
  // A cursor of a partition without news stands still and yet holds nothing: only rows it has not passed count.
  `CREATE FUNCTION events.holders(_from timestamptz, _until timestamptz) RETURNS SETOF text LANGUAGE sql STABLE ${definer} AS $$
    SELECT DISTINCT c.group_name FROM events.cursors c JOIN events.groups g ON g.group_name = c.group_name AND g.transport = 'log'
    WHERE EXISTS (SELECT FROM events.log l WHERE l.partition = c.partition AND (l.epoch, l.seq) > (c.epoch, c.seq)
                  AND l.logged_at >= _from AND l.logged_at < _until)
  $$`,

  // Drops what is old and passed by all; says which groups keep the rest. A second caller at the same time does nothing.
  // Moments are compared, not intervals: '-1000 years 360000 days 2 hours' counts as two hours, and reaches into the future.
  `CREATE FUNCTION events.retain(_keep interval) RETURNS TABLE (dropped int, held_by text[]) LANGUAGE plpgsql ${definer}
    SET lock_timeout = '500ms' AS $$
  DECLARE
    p record;
    names text[];
    horizon timestamptz;
  BEGIN
    dropped := 0;
    held_by := '{}';
    IF NOT pg_try_advisory_xact_lock(727002) THEN RETURN NEXT; RETURN; END IF;
    SELECT least(clock_timestamp() - _keep, clock_timestamp() - least_kept) INTO horizon FROM events.state;
    FOR p IN SELECT * FROM events.log_partitions() ORDER BY since LOOP
      EXIT WHEN p.until > horizon;
      SELECT array_agg(h) INTO names FROM events.holders(p.since, p.until) h;
      IF names IS NOT NULL THEN
        held_by := names;
        EXIT;
      END IF;
      EXECUTE format('DROP TABLE %s', p.name);
      dropped := dropped + 1;
    END LOOP;
    RETURN NEXT;
  END $$`,

  // Never younger than the oldest event that is still in the log: whoever sends it again must find its row.
  `CREATE FUNCTION events.prune_inbox(_keep interval, _most int) RETURNS int LANGUAGE plpgsql ${definer} AS $$
  DECLARE
    horizon timestamptz;
    n int;
  BEGIN
    SELECT least(clock_timestamp() - _keep, clock_timestamp() - s.least_kept, (SELECT min(logged_at) FROM events.log))
      INTO horizon FROM events.state s;
    DELETE FROM events.inbox WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM events.inbox WHERE handled_at < horizon LIMIT least(greatest(_most, 0), 100000)));
    GET DIAGNOSTICS n = ROW_COUNT;
    DELETE FROM events.members WHERE until < clock_timestamp() - interval '1 hour';
    RETURN n;
  END $$`,

  `CREATE FUNCTION events.prune_feeds(_keep interval) RETURNS int LANGUAGE plpgsql ${definer} AS $$
  DECLARE
    n int;
  BEGIN
    WITH dropped AS (
      DELETE FROM events.feed_rows WHERE gone AND version IS NOT NULL AND changed_at < least(clock_timestamp() - _keep,
        clock_timestamp() - (SELECT least_kept FROM events.state)) RETURNING feed, version
    ), heads AS (
      UPDATE events.feed_heads h SET pruned = greatest(h.pruned, d.version)
      FROM (SELECT feed, max(version) AS version FROM dropped GROUP BY feed) d WHERE d.feed = h.feed RETURNING 1
    )
    SELECT count(*)::int INTO n FROM dropped;
    RETURN n;
  END $$`,

  // For a group whose service is no more: it would hold the log for ever.
  `CREATE FUNCTION events.forget_group(_group text) RETURNS void LANGUAGE sql ${definer} AS $$
    DELETE FROM events.cursors WHERE group_name = _group;
    DELETE FROM events.members WHERE group_name = _group;
    DELETE FROM events.groups WHERE group_name = _group;
  $$`,

  // Transactions of others are hidden from services; how old the oldest is, they need to know.
  `DO $$ BEGIN
    EXECUTE 'SET LOCAL ROLE NONE';
    EXECUTE 'GRANT pg_read_all_stats TO switchyard_owner';
  EXCEPTION WHEN insufficient_privilege OR invalid_grant_operation THEN
    NULL;
  END $$`,
  `SET LOCAL ROLE switchyard_owner`,
  `CREATE FUNCTION events.oldest_transaction() RETURNS TABLE (pid int, application text, seconds float8) LANGUAGE sql STABLE ${definer} AS $$
    SELECT pid, application_name, extract(epoch FROM clock_timestamp() - xact_start)::float8 FROM pg_stat_activity
    WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY xact_start LIMIT 1
  $$`,
];
