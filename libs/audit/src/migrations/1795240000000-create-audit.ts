import { platformRole, serviceRole, services } from '@switchyard/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const every = services.map(serviceRole).join(', ');
const everyPlatform = services.map(platformRole).join(', ');

/** Entries are only ever added; the seals that chain them are rows of their own, so that nothing is updated. */
export class CreateAudit1795240000000 implements MigrationInterface {
  readonly name = 'CreateAudit1795240000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('the audit log is not taken back');
  }
}

const own = `tenant_id = (SELECT current_setting('switchyard.tenant', true))`;

const statements = [
  `CREATE TABLE audit.entries (
    entry_id uuid PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id text,
    action text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('Success', 'Refused')),
    actor text NOT NULL,
    actor_kind text NOT NULL,
    subject text,
    address text,
    trace_id text,
    details jsonb NOT NULL DEFAULT '{}',
    count int NOT NULL DEFAULT 1,
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE INDEX entries_by_tenant ON audit.entries (tenant_id, position DESC)`,
  `CREATE INDEX entries_by_position ON audit.entries (position DESC)`,
  `CREATE TABLE audit.unsealed (entry_id uuid PRIMARY KEY)`,
  `CREATE TABLE audit.seals (
    chain text NOT NULL,
    sequence bigint NOT NULL,
    entry_id uuid NOT NULL UNIQUE REFERENCES audit.entries,
    hash bytea NOT NULL,
    PRIMARY KEY (chain, sequence)
  )`,
  `ALTER TABLE audit.entries ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE audit.entries FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY tenant_adds ON audit.entries FOR INSERT TO ${every} WITH CHECK (${own})`,
  `CREATE POLICY tenant_reads ON audit.entries FOR SELECT TO ${serviceRole('tenants')} USING (${own})`,
  `CREATE POLICY platform_adds ON audit.entries FOR INSERT TO ${everyPlatform} WITH CHECK (true)`,
  `CREATE POLICY platform_reads ON audit.entries FOR SELECT TO ${platformRole('tenants')} USING (true)`,
  `GRANT INSERT ON audit.entries, audit.unsealed TO ${every}, ${everyPlatform}`,
  `GRANT SELECT ON audit.entries, audit.seals TO ${serviceRole('tenants')}, ${platformRole('tenants')}`,
  `GRANT SELECT, DELETE ON audit.unsealed TO ${platformRole('tenants')}`,
  `GRANT INSERT ON audit.seals TO ${platformRole('tenants')}`,
];
