import { platformOnly, tenantIsolation } from '@switchyard/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const ofTenants = ['sets', 'deployments', 'checks', 'buckets'];
const ofThePlatform = ['batches', 'workers', 'leases'];

const statements = [
  `CREATE TABLE health.sets (
    set_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    environment text NOT NULL,
    plugin_id text NOT NULL,
    deployment_id text NOT NULL,
    partition int NOT NULL,
    health_check jsonb,
    moving boolean NOT NULL DEFAULT false,
    instances jsonb NOT NULL DEFAULT '[]',
    requests bigint NOT NULL DEFAULT 0,
    errors bigint NOT NULL DEFAULT 0,
    latency_counts bigint[] NOT NULL,
    latency_sum_ms float8 NOT NULL DEFAULT 0,
    -- The last minute's requests in slices.
    recent jsonb NOT NULL DEFAULT '[]',
    verdict text NOT NULL DEFAULT 'Unknown' CHECK (verdict IN ('Healthy', 'Degraded', 'Unhealthy', 'Unknown')),
    reason text NOT NULL DEFAULT 'there are no instances',
    healthy int,
    total int,
    untold boolean NOT NULL DEFAULT false,
    judge_again_at timestamptz,
    gone_at timestamptz,
    feed_epoch bigint NOT NULL DEFAULT 0,
    feed_version bigint NOT NULL DEFAULT 0
  ) WITH (fillfactor = 50)`,
  'CREATE INDEX sets_untold ON health.sets (partition) WHERE untold',
  'CREATE INDEX sets_to_judge_again ON health.sets (judge_again_at) WHERE judge_again_at IS NOT NULL',
  'CREATE INDEX sets_live ON health.sets (partition) WHERE gone_at IS NULL',
  'CREATE INDEX sets_gone ON health.sets (gone_at) WHERE gone_at IS NOT NULL',
  'CREATE INDEX sets_of_tenant ON health.sets (tenant_id)',
  `CREATE TABLE health.deployments (
    deployment_id text PRIMARY KEY,
    set_id text NOT NULL,
    tenant_id text NOT NULL,
    since timestamptz NOT NULL
  )`,
  'CREATE INDEX deployments_of_set ON health.deployments (set_id)',
  `CREATE TABLE health.checks (
    set_id text NOT NULL,
    instance_id text NOT NULL,
    tenant_id text NOT NULL,
    failures int NOT NULL,
    successes int NOT NULL,
    verdict text NOT NULL,
    reason text,
    checked_at timestamptz NOT NULL,
    PRIMARY KEY (set_id, instance_id)
  ) WITH (fillfactor = 80)`,
  // Counts are of their minute. The rest is written when it changes: null is as before.
  `CREATE TABLE health.buckets (
    set_id text NOT NULL,
    minute timestamptz NOT NULL,
    tenant_id text NOT NULL,
    requests bigint NOT NULL DEFAULT 0,
    errors bigint NOT NULL DEFAULT 0,
    timed bigint NOT NULL DEFAULT 0,
    latency_sum_ms float8 NOT NULL DEFAULT 0,
    healthy int,
    total int,
    cpu_percent float8,
    memory_percent float8,
    PRIMARY KEY (set_id, minute)
  ) WITH (fillfactor = 80)`,
  'CREATE INDEX buckets_by_age ON health.buckets USING brin (minute) WITH (pages_per_range = 16)',
  `CREATE TABLE health.batches (gateway_id text PRIMARY KEY, sequence bigint NOT NULL, taken_at timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE health.workers (worker text PRIMARY KEY, until timestamptz NOT NULL)`,
  `CREATE TABLE health.leases (partition int PRIMARY KEY, holder text NOT NULL)`,
  ...ofTenants.flatMap((table) => tenantIsolation('health', table)),
  ...ofThePlatform.flatMap((table) => platformOnly('health', table)),
];

export class CreateSetHealth1796000000000 implements MigrationInterface {
  readonly name = 'CreateSetHealth1796000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP TABLE ${[...ofTenants, ...ofThePlatform].map((table) => `health.${table}`).join(', ')}`,
    );
  }
}
