import { tenantIsolation } from '@switchyard/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements = [
  `CREATE TABLE deployments.approval_policies (
    tenant_id text PRIMARY KEY,
    version int NOT NULL,
    rules jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by text NOT NULL
  )`,
  ...tenantIsolation('deployments', 'approval_policies'),
  // As the policy was when the deployment was asked for, and who has approved it since. Null: it needs none.
  `ALTER TABLE deployments.rollouts ADD approval jsonb, ADD approval_expires_at timestamptz`,
  `CREATE INDEX rollouts_awaiting_approval ON deployments.rollouts (approval_expires_at)
    WHERE status = 'Pending' AND approval_expires_at IS NOT NULL`,
];

export class CreateApprovals1797100000000 implements MigrationInterface {
  readonly name = 'CreateApprovals1797100000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE deployments.approval_policies');
    await runner.query('ALTER TABLE deployments.rollouts DROP approval, DROP approval_expires_at');
  }
}
