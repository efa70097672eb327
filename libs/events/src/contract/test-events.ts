import { defineEvent } from '@switchyard/contracts';
import { tenantIsolation, type SchemaMigrations } from '@switchyard/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { z } from 'zod';
import { eventsSchema } from '../schema/events-schema.js';

/** `n` counts the events of a key without gaps: whoever sees 1, 2, 3, … saw all of them, once, in order. */
export const counted = defineEvent({
  type: 'test.counted',
  version: 1,
  data: z.object({ n: z.number() }),
  key: 'plugin',
});
export const ignored = defineEvent({ type: 'test.ignored', version: 1, data: z.object({}), key: 'plugin' });
export const platformEvent = defineEvent({
  type: 'test.platform',
  version: 1,
  data: z.object({ n: z.number() }),
  key: 'plugin',
});

class Effects1 implements MigrationInterface {
  readonly name = 'Effects1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE registry.counters (key text PRIMARY KEY, n int NOT NULL DEFAULT 0)');
    await runner.query(
      'CREATE TABLE registry.effects (id bigint GENERATED ALWAYS AS IDENTITY, tenant_id text, event_id uuid, key text, n int, at timestamptz DEFAULT clock_timestamp())',
    );
    for (const statement of tenantIsolation('registry', 'effects')) await runner.query(statement);
  }

  async down(): Promise<void> {}
}

export const testSchemas: SchemaMigrations[] = [eventsSchema, { schema: 'registry', migrations: [Effects1] }];
