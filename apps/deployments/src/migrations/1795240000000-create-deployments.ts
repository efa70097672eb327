import { idempotencyStatements, tenantCopyStatements } from '@switchyard/service';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateDeployments1795240000000 implements MigrationInterface {
  readonly name = 'CreateDeployments1795240000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...tenantCopyStatements('deployments'), ...idempotencyStatements('deployments')])
      await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE deployments.tenant_copies, deployments.idempotency_keys');
  }
}
