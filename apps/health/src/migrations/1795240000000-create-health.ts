import { idempotencyStatements, tenantCopyStatements } from '@switchyard/service';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateHealth1795240000000 implements MigrationInterface {
  readonly name = 'CreateHealth1795240000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...tenantCopyStatements('health'), ...idempotencyStatements('health')])
      await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE health.tenant_copies, health.idempotency_keys');
  }
}
