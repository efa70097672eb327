import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LinkRetries1797200000000 implements MigrationInterface {
  readonly name = 'LinkRetries1797200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deployments.rollouts ADD retry_of text, ADD retried_by text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deployments.rollouts DROP retry_of, DROP retried_by');
  }
}
