/** Run with the owner's rights, so that no service needs any right on the outbox, the log or the state but to ask. */
const definer = `SECURITY DEFINER SET search_path = pg_catalog, pg_temp`;

export const sequencerFunctions: readonly string[] = [
  // Who we are, or '?' where a provider forbids to ask: then only raise_epoch by hand is left.
  `CREATE FUNCTION events.cluster() RETURNS text LANGUAGE plpgsql ${definer} AS $$
  BEGIN
    RETURN (SELECT system_identifier::text FROM pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8);
  EXCEPTION WHEN insufficient_privilege OR undefined_function THEN
    RETURN '?';
  END $$`,

  // An epoch is named by its second: a backup restored twice must not give the same name twice.
  `CREATE FUNCTION events.raise_epoch(_reason text) RETURNS bigint LANGUAGE plpgsql ${definer} AS $$
  DECLARE
    s events.state;
    raised bigint;
  BEGIN
    SELECT * INTO s FROM events.state FOR UPDATE;
    raised := greatest(s.epoch + 1, extract(epoch FROM clock_timestamp())::bigint);
    INSERT INTO events.epochs (epoch, last_seq, reason) VALUES (s.epoch, s.seq, _reason);
    UPDATE events.state SET epoch = raised, seq = 0, cluster = events.cluster();
    -- Kafka's consumers may be ahead of the restored database: everything retained is published again.
    UPDATE events.cursors SET epoch = 0, seq = 0, logged_at = '-infinity', owner = NULL, until = '-infinity', fence = fence + 1
      WHERE group_name = 'kafka-relay';
    RETURN raised;
  END $$`,

  `CREATE FUNCTION events.check_epoch() RETURNS bigint LANGUAGE plpgsql ${definer} AS $$
  DECLARE
    s events.state;
    here text := events.cluster();
  BEGIN
    SELECT * INTO s FROM events.state;
    IF here = '?' OR here = s.cluster THEN RETURN s.epoch; END IF;
    SELECT * INTO s FROM events.state FOR UPDATE;
    IF here = s.cluster THEN RETURN s.epoch; END IF;
    RETURN events.raise_epoch(format('the server is %s, the log was written on %s', here, s.cluster));
  END $$`,

  // The first process to start says how many; after that everyone has to agree.
  `CREATE FUNCTION events.agree_on_partitions(_wanted int) RETURNS int LANGUAGE plpgsql ${definer} AS $$
  DECLARE
    agreed int;
  BEGIN
    SELECT partitions INTO agreed FROM events.state;
    IF agreed IS NULL THEN
      UPDATE events.state SET partitions = coalesce(partitions, _wanted) RETURNING partitions INTO agreed;
    END IF;
    RETURN agreed;
  END $$`,

  // Bounds are read as they are written, whatever the session's own style of dates.
  `CREATE FUNCTION events.log_partitions() RETURNS TABLE (name regclass, since timestamptz, until timestamptz) LANGUAGE sql STABLE ${definer}
    SET datestyle = 'ISO' SET timezone = 'UTC' AS $$
    SELECT c.oid::regclass, (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''([^'']+)''\\)'))[1]::timestamptz,
      (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([^'']+)''\\)'))[1]::timestamptz
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'events.log'::regclass
  $$`,

  `CREATE FUNCTION events.log_partition_name(_from timestamptz) RETURNS text LANGUAGE sql STABLE ${definer} AS $$
    SELECT 'log_' || to_char(_from AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISSUS')
  $$`,

  // Fills what is missing of that time, gaps too, and says until when the log goes on without one. Partitions are made
  // beside the log and then attached: neither readers nor the sequencer wait for it.
  `CREATE FUNCTION events.cover(_from timestamptz, _until timestamptz, _span interval) RETURNS timestamptz LANGUAGE plpgsql ${definer}
    SET datestyle = 'ISO' SET timezone = 'UTC' AS $$
  DECLARE
    at timestamptz := _from;
    there timestamptz;
    since timestamptz;
    name text;
  BEGIN
    WHILE at <= _until LOOP
      SELECT p.until INTO there FROM events.log_partitions() p WHERE p.since <= at AND p.until > at;
      IF there IS NULL THEN
        SELECT greatest(date_bin(_span, at, '2000-01-01Z'), max(p.until)) INTO since FROM events.log_partitions() p WHERE p.until <= at;
        SELECT least(date_bin(_span, at, '2000-01-01Z') + _span, min(p.since)) INTO there FROM events.log_partitions() p WHERE p.since > at;
        name := events.log_partition_name(since);
        EXECUTE format('CREATE TABLE events.%I (LIKE events.log INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
        EXECUTE format('ALTER TABLE events.log ATTACH PARTITION events.%I FOR VALUES FROM (%L) TO (%L)', name, since, there);
      END IF;
      at := there;
    END LOOP;
    RETURN at;
  END $$`,

  // The lease is short whatever was asked for, and whoever would keep it has to move what waits: each round moves some.
  `CREATE FUNCTION events.sequence(_sequencer text, _lease interval, _hinted boolean, _most int)
    RETURNS TABLE (leads boolean, moved int) LANGUAGE plpgsql ${definer} SET enable_seqscan = off AS $$
  DECLARE
    s events.state;
    stamp timestamptz;
    covered timestamptz;
    here text;
    writers text[];
    settled boolean := false;
    lease interval := least(clock_timestamp() + _lease, clock_timestamp() + interval '1 minute') - clock_timestamp();
  BEGIN
    IF _sequencer IS NULL OR _lease IS NULL OR _hinted IS NULL OR length(_sequencer) NOT BETWEEN 1 AND 300
       OR lease <= interval '0' OR _most IS NULL OR _most NOT BETWEEN 1 AND 100000 THEN
      RAISE invalid_parameter_value USING MESSAGE = 'events.sequence needs a name of up to 300 characters, a lease in the future and a batch of 1 to 100000';
    END IF;
    SELECT * INTO s FROM events.state;
    leads := s.sequencer = _sequencer AND s.sequencer_until > clock_timestamp();
    leads := coalesce(leads, false);
    moved := 0;
    IF NOT leads AND NOT _hinted AND s.sequencer_until > clock_timestamp() THEN RETURN NEXT; RETURN; END IF;
    IF NOT EXISTS (SELECT FROM events.outbox WHERE position > s.floor) AND (_hinted OR (leads AND s.sequencer_until > clock_timestamp() + lease / 2
       AND s.covered_until > clock_timestamp() + s.span)) THEN RETURN NEXT; RETURN; END IF;

    -- The fence. Each statement below sees what was committed before this lock was had.
    IF _hinted THEN SELECT * INTO s FROM events.state FOR UPDATE;
    ELSE
      SELECT * INTO s FROM events.state FOR UPDATE SKIP LOCKED;
      IF NOT FOUND THEN RETURN NEXT; RETURN; END IF;
    END IF;
    here := events.cluster();
    IF here <> '?' AND here <> s.cluster THEN
      PERFORM events.check_epoch();
      SELECT * INTO s FROM events.state;
    END IF;

    -- Who writes to the outbox holds a lock on it to its end. When all who did at some moment have ended, every position
    -- given until then is visible to the next statement or void, and what they left dead need not be looked at again.
    IF s.next_floor_at < clock_timestamp() - interval '200 ms' THEN
      SELECT coalesce(array_agg(DISTINCT virtualtransaction), '{}') INTO writers FROM pg_locks
        WHERE locktype = 'relation' AND relation = 'events.outbox'::regclass AND mode = 'RowExclusiveLock'
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
      settled := NOT s.next_floor_waits && writers;
    END IF;

    stamp := greatest(s.logged_at, clock_timestamp());
    covered := s.covered_until;
    -- What the state says is not believed alone: a partition that somebody dropped is made again.
    IF covered <= stamp + s.span OR NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'events'::regnamespace AND relispartition
       AND relname = events.log_partition_name(date_bin(s.span, stamp, '2000-01-01Z'))) THEN
      covered := events.cover(stamp, stamp + s.span, s.span);
    END IF;

    WITH taken AS (
      DELETE FROM events.outbox WHERE position > s.floor AND position IN (SELECT position FROM events.outbox WHERE position > s.floor ORDER BY position LIMIT _most) RETURNING *
    )
    INSERT INTO events.log (epoch, seq, logged_at, partition, id, type, version, source, tenant, key, time, traceparent, data)
    SELECT s.epoch, s.seq + row_number() OVER (ORDER BY position), stamp,
           (('x' || left(md5(key), 8))::bit(32)::bigint % s.partitions)::int, id, type, version, source, tenant, key, time, traceparent, data
    FROM taken ORDER BY position;
    GET DIAGNOSTICS moved = ROW_COUNT;

    IF settled AND moved < _most THEN
      s.floor := s.next_floor;
      s.next_floor_at := clock_timestamp();
      -- First the position, then who may still write below it.
      SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO s.next_floor FROM events.outbox_position_seq;
      SELECT coalesce(array_agg(DISTINCT virtualtransaction), '{}') INTO s.next_floor_waits FROM pg_locks
        WHERE locktype = 'relation' AND relation = 'events.outbox'::regclass AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
    END IF;

    leads := leads OR (NOT _hinted AND s.sequencer_until <= clock_timestamp()) OR coalesce(s.sequencer = _sequencer, true);
    UPDATE events.state SET seq = s.seq + moved, logged_at = CASE WHEN moved > 0 THEN stamp ELSE s.logged_at END, covered_until = covered,
      floor = s.floor, next_floor = s.next_floor, next_floor_waits = s.next_floor_waits, next_floor_at = s.next_floor_at,
      sequencer = CASE WHEN leads THEN _sequencer ELSE s.sequencer END,
      sequencer_until = CASE WHEN leads THEN clock_timestamp() + lease ELSE s.sequencer_until END;
    IF moved > 0 THEN PERFORM pg_notify('switchyard_events', 'log'); END IF;
    RETURN NEXT;
  END $$`,

  `CREATE FUNCTION events.waiting() RETURNS TABLE (depth bigint, seconds float8) LANGUAGE sql STABLE ${definer} AS $$
    SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(time)), 0)::float8 FROM events.outbox
  $$`,

  `INSERT INTO events.state (epoch, cluster) VALUES (extract(epoch FROM clock_timestamp())::bigint, events.cluster())`,
];
