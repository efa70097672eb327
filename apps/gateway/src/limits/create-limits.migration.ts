import { platformOnly } from '@switchyard/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A row per budget and window, named by the window's end so that what is past can be found without knowing how long
 * it was. Unlogged: counts live for a minute and are written with every request, so they are worth neither WAL nor a
 * wait for the disk. A crash of the server empties the table; a window that was open then may be granted once more.
 */
const table = `
  CREATE UNLOGGED TABLE gateway.limit_windows (
    ends_at bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    used bigint NOT NULL,
    granted bigint NOT NULL,
    budget bigint NOT NULL,
    PRIMARY KEY (ends_at, key)
  ) WITH (fillfactor = 60)`;

export class CreateLimits1795240000000 implements MigrationInterface {
  readonly name = 'CreateLimits1795240000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(table);
    for (const statement of platformOnly('gateway', 'limit_windows')) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gateway.limit_windows');
  }
}
