const queue = 'autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500';
const definer = 'LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp';

export const auditTables: readonly string[] = [
  `CREATE TABLE audit.entries (
    entry_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id text CHECK (tenant_id <> ''),
    -- Byte order, so that an index serves everything that begins with 'tenant.'.
    action text COLLATE "C" NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('Success', 'Refused')),
    actor text NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'robot', 'anonymous', 'system')),
    subject text,
    address text,
    trace_id text,
    details jsonb NOT NULL CHECK (jsonb_typeof(details) = 'object'),
    count int NOT NULL CHECK (count > 0),
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE INDEX entries_by_tenant ON audit.entries (tenant_id, occurred_at DESC, entry_id DESC)`,
  `CREATE INDEX entries_by_time ON audit.entries (occurred_at DESC, entry_id DESC)`,
  `CREATE INDEX entries_by_action ON audit.entries (action, occurred_at DESC, entry_id DESC)`,
  `CREATE INDEX entries_by_actor ON audit.entries (actor, occurred_at DESC, entry_id DESC)`,
  `CREATE TABLE audit.unsealed (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_id uuid NOT NULL UNIQUE,
    chain text NOT NULL
  ) WITH (${queue})`,
  `CREATE TABLE audit.seals (
    chain text NOT NULL,
    sequence bigint NOT NULL CHECK (sequence > 0),
    entry_id uuid NOT NULL UNIQUE REFERENCES audit.entries,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (chain, sequence)
  )`,
  // Where each chain ends: to append without a search, and to miss what is cut off.
  `CREATE TABLE audit.heads (
    chain text PRIMARY KEY,
    sequence bigint NOT NULL,
    hash bytea NOT NULL
  ) WITH (fillfactor = 20, ${queue})`,
  // The sealer locks this one.
  `INSERT INTO audit.heads (chain, sequence, hash) VALUES ('platform', 0, decode(repeat('00', 32), 'hex'))`,

  // With the owner's rights: nobody else can queue, so nobody can add an entry that is not, or queue what is none.
  `CREATE FUNCTION audit.queue_entry() RETURNS trigger ${definer} AS $$
  BEGIN
    INSERT INTO audit.unsealed (entry_id, chain)
      VALUES (NEW.entry_id, CASE WHEN NEW.tenant_id IS NULL THEN 'platform' ELSE 'tenant:' || NEW.tenant_id END);
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER queue AFTER INSERT ON audit.entries FOR EACH ROW EXECUTE FUNCTION audit.queue_entry()`,

  // Rights say no to services already; this says it to the owner and to an administrator's slip of the hand.
  `CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'insufficient_privilege';
  END $$`,
  ...['entries', 'seals'].map(
    (table) => `CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.${table}
      FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()`,
  ),
  `REVOKE EXECUTE ON FUNCTION audit.queue_entry(), audit.refuse_change() FROM PUBLIC`,
];
