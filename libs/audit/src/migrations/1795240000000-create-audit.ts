import type { MigrationInterface, QueryRunner } from 'typeorm';
import { auditRights } from './audit-rights.js';
import { auditTables } from './audit-tables.js';

/** Entries are only ever added; the seals that chain them are rows of their own, so that nothing is updated. */
export class CreateAudit1795240000000 implements MigrationInterface {
  readonly name = 'CreateAudit1795240000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...auditTables, ...auditRights]) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('the audit log is not taken back');
  }
}
