import type { MigrationInterface, QueryRunner } from 'typeorm';
import { consumerTables } from './consumer-tables.js';
import { feedTables } from './feed-tables.js';
import { grants } from './grants.js';
import { logTables } from './log-tables.js';
import { retentionFunctions } from './retention-functions.js';
import { sequencerFunctions } from './sequencer-functions.js';
import { typeOwnerTable } from './type-owners.js';

export class EventLog1 implements MigrationInterface {
  readonly name = 'EventLog1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      ...logTables,
      ...typeOwnerTable,
      ...consumerTables,
      ...feedTables,
      ...sequencerFunctions,
      ...retentionFunctions,
      ...grants,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(): Promise<void> {}
}
