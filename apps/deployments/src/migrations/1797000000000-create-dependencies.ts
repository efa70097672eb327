import type { MigrationInterface, QueryRunner } from 'typeorm';

const demands = ['dependencies', 'conflicts'];

export class CreateDependencies1797000000000 implements MigrationInterface {
  readonly name = 'CreateDependencies1797000000000';

  async up(runner: QueryRunner): Promise<void> {
    // What the version needs and what it cannot be beside, as the registry said when it was shipped: versions never change.
    for (const column of demands)
      await runner.query(`ALTER TABLE deployments.releases ADD COLUMN ${column} jsonb NOT NULL DEFAULT '[]'`);
    // Deployments of what a deployment cannot start without.
    await runner.query(`ALTER TABLE deployments.rollouts ADD COLUMN awaits text[] NOT NULL DEFAULT '{}'`);
    await runner.query(
      `CREATE INDEX rollouts_awaiting ON deployments.rollouts USING gin (awaits) WHERE NOT settled AND awaits <> '{}'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deployments.rollouts DROP COLUMN awaits');
    for (const column of demands)
      await runner.query(`ALTER TABLE deployments.releases DROP COLUMN ${column}`);
  }
}
