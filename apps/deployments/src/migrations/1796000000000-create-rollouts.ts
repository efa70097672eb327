import { platformOnly, tenantIsolation } from '@switchyard/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = [
  // What a deployment ships and a rollback restores. Settings keep their `${secret:name}`: a secret lies in one place.
  `CREATE TABLE deployments.releases (
    release_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    environment text NOT NULL,
    plugin_id text NOT NULL,
    semantic_version text NOT NULL,
    digest text NOT NULL,
    runtime jsonb NOT NULL,
    resources jsonb NOT NULL,
    manifest jsonb NOT NULL,
    settings jsonb NOT NULL,
    pinned boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX releases_pinned ON deployments.releases (release_id) WHERE pinned`,
  // The instances of one release. It never changes its release; installations and deployments point to it.
  `CREATE TABLE deployments.sets (
    set_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    environment text NOT NULL,
    plugin_id text NOT NULL,
    release_id text NOT NULL REFERENCES deployments.releases,
    deployment_id text NOT NULL,
    health_check jsonb,
    fate text NOT NULL DEFAULT 'live' CHECK (fate IN ('live', 'warm', 'draining', 'gone')),
    desired int NOT NULL DEFAULT 0,
    crashes jsonb NOT NULL DEFAULT '{}',
    draining_since timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX sets_by_release ON deployments.sets (release_id)`,
  `CREATE INDEX sets_left ON deployments.sets (set_id) WHERE fate <> 'gone'`,
  `CREATE INDEX sets_by_installation ON deployments.sets (tenant_id, environment, plugin_id) WHERE fate <> 'gone'`,
  `CREATE TABLE deployments.installations (
    tenant_id text NOT NULL,
    environment text NOT NULL,
    plugin_id text NOT NULL,
    stable_set text REFERENCES deployments.sets,
    stable_deployment text,
    candidate_set text REFERENCES deployments.sets,
    candidate_deployment text,
    candidate_weight double precision NOT NULL DEFAULT 0,
    sticky boolean NOT NULL DEFAULT false,
    revision bigint NOT NULL DEFAULT 0,
    deployed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, environment, plugin_id)
  )`,
  `CREATE TABLE deployments.rollouts (
    deployment_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    environment text NOT NULL,
    plugin_id text NOT NULL,
    semantic_version text NOT NULL,
    release_id text NOT NULL REFERENCES deployments.releases,
    set_id text NOT NULL REFERENCES deployments.sets,
    stable_set text REFERENCES deployments.sets,
    previous_deployment_id text,
    rolls_back text,
    strategy text NOT NULL,
    strategy_config jsonb NOT NULL,
    config jsonb NOT NULL,
    health_check jsonb,
    total_instances int NOT NULL,
    peak_instances int NOT NULL,
    peak_cpu double precision NOT NULL,
    peak_memory_mb double precision NOT NULL,
    deployed_by text NOT NULL,
    status text NOT NULL,
    state jsonb NOT NULL,
    settled boolean NOT NULL DEFAULT false,
    waits_for text,
    smoke_tests jsonb,
    next_look_at timestamptz,
    lease_until timestamptz,
    fence bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz
  )`,
  `CREATE INDEX rollouts_to_look_at ON deployments.rollouts (next_look_at) WHERE NOT settled`,
  `CREATE INDEX rollouts_moving ON deployments.rollouts (tenant_id, environment, plugin_id) WHERE NOT settled`,
  `CREATE INDEX rollouts_by_set ON deployments.rollouts (set_id) WHERE NOT settled`,
  `CREATE INDEX rollouts_by_stable_set ON deployments.rollouts (stable_set) WHERE NOT settled`,
  `CREATE INDEX rollouts_by_installation ON deployments.rollouts (tenant_id, environment, plugin_id, started_at DESC)`,
  `CREATE INDEX rollouts_by_age ON deployments.rollouts (started_at DESC, deployment_id DESC)`,
  `CREATE INDEX rollouts_by_tenant ON deployments.rollouts (tenant_id, started_at DESC, deployment_id DESC)`,
  `CREATE TABLE deployments.history (
    deployment_id text NOT NULL REFERENCES deployments.rollouts ON DELETE CASCADE,
    tenant_id text NOT NULL,
    sequence int NOT NULL,
    entry jsonb NOT NULL,
    PRIMARY KEY (deployment_id, sequence)
  )`,
  // Locked by whoever accepts a deployment: two that race never pass a quota together.
  `CREATE TABLE deployments.quota_locks (tenant_id text PRIMARY KEY)`,
  // Instances of one machine are one process's to look after, however many serve the API.
  `CREATE TABLE deployments.instance_owners (kind text PRIMARY KEY, holder text NOT NULL, until timestamptz NOT NULL)`,
  `CREATE TABLE deployments.secrets (
    tenant_id text NOT NULL,
    name text NOT NULL,
    sealed text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, name)
  )`,
];

const names = ['secrets', 'quota_locks', 'history', 'rollouts', 'installations', 'sets', 'releases'];

export class CreateRollouts1796000000000 implements MigrationInterface {
  readonly name = 'CreateRollouts1796000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables) await runner.query(statement);
    for (const name of names)
      for (const statement of tenantIsolation('deployments', name)) await runner.query(statement);
    for (const statement of platformOnly('deployments', 'instance_owners')) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['instance_owners', ...names]) await runner.query(`DROP TABLE deployments.${name}`);
  }
}
