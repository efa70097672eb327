import { platformRole, serviceRole, tenantIsolation } from '@switchyard/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const both = `${serviceRole('deployments')}, ${platformRole('deployments')}`;

const statements = [
  // What happened to deployments, for those who watch. Versions are given at the very end of a transaction, behind the lock
  // of the head: they are dense, and nobody sees one before all that are lower.
  `CREATE TABLE deployments.changes (
    version bigint PRIMARY KEY,
    tenant_id text NOT NULL,
    deployment_id text NOT NULL,
    environment text NOT NULL,
    plugin_id text NOT NULL,
    -- null: it was not there, or is no longer.
    status_before text,
    status_after text,
    object jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE INDEX changes_by_age ON deployments.changes (at)`,
  `CREATE INDEX changes_by_tenant ON deployments.changes (tenant_id)`,
  ...tenantIsolation('deployments', 'changes'),
  // One row that is about nobody. Changes up to \`pruned\` are gone: who is older starts over.
  `CREATE TABLE deployments.change_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    version bigint NOT NULL DEFAULT 0,
    pruned bigint NOT NULL DEFAULT 0
  ) WITH (fillfactor = 10)`,
  `INSERT INTO deployments.change_head DEFAULT VALUES`,
  `ALTER TABLE deployments.change_head ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE deployments.change_head FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY everybody ON deployments.change_head TO ${both} USING (true) WITH CHECK (true)`,
];

export class CreateChanges1797300000000 implements MigrationInterface {
  readonly name = 'CreateChanges1797300000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE deployments.changes, deployments.change_head');
  }
}
