/** Who reads the log and how far, what each group has dealt with, and what it could not deal with. */
export const consumerTables: readonly string[] = [
  `CREATE TABLE events.groups (
    group_name text PRIMARY KEY,
    -- Only a group that reads the log itself holds its retention back.
    transport text NOT NULL CHECK (transport IN ('log', 'kafka')),
    started_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE TABLE events.members (
    group_name text NOT NULL,
    member text NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (group_name, member)
  )`,
  `CREATE TABLE events.cursors (
    group_name text NOT NULL,
    partition int NOT NULL,
    epoch bigint NOT NULL DEFAULT 0,
    seq bigint NOT NULL DEFAULT 0,
    logged_at timestamptz NOT NULL DEFAULT '-infinity',
    owner text,
    until timestamptz NOT NULL DEFAULT '-infinity',
    fence bigint NOT NULL DEFAULT 0,
    failing uuid,
    attempts int NOT NULL DEFAULT 0,
    last_error text,
    PRIMARY KEY (group_name, partition)
  ) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500)`,
  // What a group is done with: handled, or put aside as a dead letter.
  `CREATE TABLE events.inbox (
    group_name text NOT NULL,
    event_id uuid NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (group_name, event_id)
  )`,
  `CREATE INDEX inbox_by_age ON events.inbox USING brin (handled_at) WITH (pages_per_range = 16, autosummarize = on)`,
  `CREATE TABLE events.dead_letters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_name text NOT NULL,
    event_id uuid NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    type text NOT NULL,
    version int NOT NULL,
    source text NOT NULL,
    tenant text,
    key text NOT NULL,
    time timestamptz NOT NULL,
    traceparent text,
    data jsonb NOT NULL,
    error text NOT NULL,
    attempts int NOT NULL,
    status text NOT NULL DEFAULT 'Dead' CHECK (status IN ('Dead', 'Replaying')),
    failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (group_name, event_id)
  )`,
  `CREATE INDEX dead_letters_by_age ON events.dead_letters (failed_at DESC, id DESC)`,
  `CREATE INDEX dead_letters_to_replay ON events.dead_letters (group_name, id) WHERE status = 'Replaying'`,
];
