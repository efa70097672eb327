import {
  platformOnly,
  platformRole,
  quoteIdentifier,
  serviceRole,
  type ServiceName,
} from '@switchyard/database';

/** Keys are kept for a day; what runs is believed to run for a minute. */
export const idempotencyStatements = (service: ServiceName): string[] => {
  const table = `${quoteIdentifier(service)}.idempotency_keys`;
  return [
    `CREATE TABLE ${table} (
      subject text NOT NULL,
      key text NOT NULL,
      fingerprint text NOT NULL,
      state text NOT NULL DEFAULT 'running',
      running_until timestamptz NOT NULL DEFAULT clock_timestamp() + interval '1 minute',
      status int,
      headers jsonb,
      body text,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (subject, key)
    )`,
    `CREATE INDEX idempotency_keys_by_age ON ${table} (created_at)`,
    ...platformOnly(service, 'idempotency_keys'),
    // A tenant's transaction may mark the key of its request, and see nothing more of it than that takes.
    `CREATE POLICY mark ON ${table} FOR UPDATE TO ${serviceRole(service)} USING (true) WITH CHECK (state = 'committed')`,
    `CREATE POLICY mark_reads ON ${table} FOR SELECT TO ${serviceRole(service)} USING (true)`,
    `REVOKE ALL ON ${table} FROM ${serviceRole(service)}`,
    `GRANT SELECT (subject, key), UPDATE (state) ON ${table} TO ${serviceRole(service)}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${platformRole(service)}`,
  ];
};
