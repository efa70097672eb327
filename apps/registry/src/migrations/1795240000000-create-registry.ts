import { idempotencyStatements, tenantCopyStatements } from '@switchyard/service';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateRegistry1795240000000 implements MigrationInterface {
  readonly name = 'CreateRegistry1795240000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...tenantCopyStatements('registry'), ...idempotencyStatements('registry')])
      await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE registry.tenant_copies, registry.idempotency_keys');
  }
}
