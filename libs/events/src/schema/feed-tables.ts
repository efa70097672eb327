/**
 * Versioned tables that every process follows. A row gets its version from a deferred trigger, at the very end of
 * the writer's transaction: versions are dense and in commit order, and the head is locked only while committing.
 */
export const feedTables: readonly string[] = [
  `CREATE TABLE events.feed_heads (
    feed text PRIMARY KEY,
    version bigint NOT NULL DEFAULT 0,
    -- Tombstones up to here are gone: who is older needs a snapshot.
    pruned bigint NOT NULL DEFAULT 0
  ) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500)`,
  `CREATE TABLE events.feed_rows (
    feed text NOT NULL,
    key text NOT NULL,
    -- Null until the writer commits.
    version bigint,
    gone boolean NOT NULL DEFAULT false,
    data jsonb,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (feed, key)
  )`,
  `CREATE INDEX feed_rows_by_version ON events.feed_rows (feed, version)`,
  `CREATE FUNCTION events.stamp_feed_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
  DECLARE
    next bigint;
  BEGIN
    -- Written twice in one transaction: the first firing stamped the last state.
    PERFORM 1 FROM events.feed_rows WHERE feed = NEW.feed AND key = NEW.key AND version IS NULL;
    IF NOT FOUND THEN RETURN NULL; END IF;
    INSERT INTO events.feed_heads AS h (feed, version) VALUES (NEW.feed, 1)
      ON CONFLICT (feed) DO UPDATE SET version = h.version + 1 RETURNING h.version INTO next;
    UPDATE events.feed_rows SET version = next, changed_at = clock_timestamp()
      WHERE feed = NEW.feed AND key = NEW.key AND version IS NULL;
    RETURN NULL;
  END $$`,
  `CREATE CONSTRAINT TRIGGER stamp AFTER INSERT OR UPDATE ON events.feed_rows
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.version IS NULL) EXECUTE FUNCTION events.stamp_feed_row()`,
];
