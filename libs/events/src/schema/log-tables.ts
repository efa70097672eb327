/** Where events wait (outbox), where they are kept (log), and the one row that orders them (state). */
export const logTables: readonly string[] = [
  `CREATE TABLE events.outbox (
    position bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
    id uuid NOT NULL,
    type text NOT NULL,
    version int NOT NULL,
    -- Not the caller's to choose: its column is not granted.
    source text NOT NULL DEFAULT regexp_replace(session_user::text, '^switchyard_', ''),
    tenant text,
    key text NOT NULL,
    time timestamptz NOT NULL DEFAULT clock_timestamp(),
    traceparent text,
    data jsonb NOT NULL
  ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0)`,
  // logged_at never goes back while (epoch, seq) rises, so that a reader can leave old partitions out.
  `CREATE TABLE events.log (
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    logged_at timestamptz NOT NULL,
    partition int NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    version int NOT NULL,
    source text NOT NULL,
    tenant text,
    key text NOT NULL,
    time timestamptz NOT NULL,
    traceparent text,
    data jsonb NOT NULL,
    PRIMARY KEY (epoch, seq, logged_at)
  ) PARTITION BY RANGE (logged_at)`,
  `CREATE INDEX log_by_partition ON events.log (partition, epoch, seq)`,
  `CREATE TABLE events.state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch bigint NOT NULL,
    seq bigint NOT NULL DEFAULT 0,
    logged_at timestamptz NOT NULL DEFAULT '-infinity',
    -- System identifier and timeline of the server that the epoch belongs to.
    cluster text NOT NULL,
    partitions int CHECK (partitions BETWEEN 1 AND 256),
    sequencer text,
    sequencer_until timestamptz NOT NULL DEFAULT '-infinity',
    -- No row will ever appear in the outbox at or below this position; next_floor follows when next_floor_waits have ended.
    floor bigint NOT NULL DEFAULT 0,
    next_floor bigint NOT NULL DEFAULT 0,
    next_floor_waits text[] NOT NULL DEFAULT '{}',
    next_floor_at timestamptz NOT NULL DEFAULT '-infinity',
    span interval NOT NULL DEFAULT '1 day',
    covered_until timestamptz NOT NULL DEFAULT '-infinity',
    -- Whatever a service asks retention for, what is younger stays.
    least_kept interval NOT NULL DEFAULT '1 hour'
  ) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500)`,
  // Where earlier epochs ended: what came later under their name was lost with the database that gave it.
  `CREATE TABLE events.epochs (
    epoch bigint PRIMARY KEY,
    last_seq bigint NOT NULL,
    ended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text NOT NULL
  )`,
];
