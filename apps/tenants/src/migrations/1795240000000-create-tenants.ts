import { platformOnly, tenantIsolation } from '@switchyard/database';
import { idempotencyStatements } from '@switchyard/service';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateTenants1795240000000 implements MigrationInterface {
  readonly name = 'CreateTenants1795240000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables) await runner.query(`DROP TABLE tenants.${table} CASCADE`);
  }
}

const tables = [
  'idempotency_keys',
  'sign_in_failures',
  'signing_keys',
  'publisher_keys',
  'publisher_members',
  'robots',
  'publishers',
  'sessions',
  'users',
  'purged_tenants',
  'tenants',
];

const statements = [
  `CREATE TABLE tenants.tenants (
    tenant_id text PRIMARY KEY,
    name text NOT NULL,
    description text,
    namespace text NOT NULL UNIQUE,
    status text NOT NULL DEFAULT 'Active' CHECK (status IN ('Active', 'Suspended', 'Deleting')),
    quotas jsonb NOT NULL,
    rate_limits jsonb NOT NULL,
    allowed_categories text[] NOT NULL DEFAULT '{}',
    require_signed_versions boolean NOT NULL DEFAULT false,
    contact_email text,
    subscription_tier text,
    plugin_count int NOT NULL DEFAULT 0,
    resource_usage jsonb NOT NULL DEFAULT '{"currentCpu": 0, "currentMemoryGB": 0, "currentStorageGB": 0, "currentInstances": 0}',
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    purge_at timestamptz
  )`,
  'CREATE INDEX tenants_by_age ON tenants.tenants (created_at DESC, tenant_id DESC)',
  `CREATE INDEX tenants_to_purge ON tenants.tenants (purge_at) WHERE status = 'Deleting'`,
  ...tenantIsolation('tenants', 'tenants'),
  // An id or a namespace is never given to another customer: logs and audit chains outlive the tenant.
  `CREATE TABLE tenants.purged_tenants (tenant_id text PRIMARY KEY, namespace text NOT NULL, purged_at timestamptz NOT NULL DEFAULT now())`,
  ...platformOnly('tenants', 'purged_tenants'),

  `CREATE TABLE tenants.users (
    user_id text PRIMARY KEY,
    username text NOT NULL UNIQUE,
    display_name text,
    password_hash text NOT NULL,
    role text NOT NULL,
    tenant_id text REFERENCES tenants.tenants,
    status text NOT NULL DEFAULT 'Active' CHECK (status IN ('Active', 'Disabled')),
    demo boolean NOT NULL DEFAULT false,
    disabled_by_system boolean NOT NULL DEFAULT false,
    token_generation int NOT NULL DEFAULT 0,
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    last_sign_in_at timestamptz,
    CHECK ((role = 'PlatformAdmin' AND tenant_id IS NULL) OR role = 'PluginDeveloper' OR tenant_id IS NOT NULL)
  )`,
  'CREATE INDEX users_by_age ON tenants.users (created_at DESC, user_id DESC)',
  'CREATE INDEX users_by_tenant ON tenants.users (tenant_id, created_at DESC, user_id DESC)',
  ...tenantIsolation('tenants', 'users'),

  `CREATE TABLE tenants.sessions (
    session_id text PRIMARY KEY,
    user_id text NOT NULL REFERENCES tenants.users ON DELETE CASCADE,
    tenant_id text REFERENCES tenants.tenants,
    refresh_hash text NOT NULL,
    former_hashes text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
  )`,
  'CREATE INDEX sessions_by_user ON tenants.sessions (user_id)',
  'CREATE INDEX sessions_by_expiry ON tenants.sessions (expires_at)',
  // A tenant that disables a user, or sets their password, ends their sessions in the same transaction.
  ...tenantIsolation('tenants', 'sessions'),

  `CREATE TABLE tenants.publishers (
    publisher_id text PRIMARY KEY,
    name text NOT NULL,
    description text,
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE UNIQUE INDEX publishers_by_name ON tenants.publishers (lower(name))',
  'CREATE INDEX publishers_by_age ON tenants.publishers (created_at DESC, publisher_id DESC)',
  ...platformOnly('tenants', 'publishers'),

  `CREATE TABLE tenants.publisher_members (
    publisher_id text NOT NULL REFERENCES tenants.publishers ON DELETE CASCADE,
    user_id text NOT NULL REFERENCES tenants.users ON DELETE CASCADE,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (publisher_id, user_id)
  )`,
  'CREATE INDEX publisher_members_by_user ON tenants.publisher_members (user_id)',
  ...platformOnly('tenants', 'publisher_members'),

  `CREATE TABLE tenants.publisher_keys (
    key_id text PRIMARY KEY,
    publisher_id text NOT NULL REFERENCES tenants.publishers ON DELETE CASCADE,
    name text NOT NULL,
    public_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    UNIQUE (publisher_id, public_key)
  )`,
  ...platformOnly('tenants', 'publisher_keys'),

  `CREATE TABLE tenants.robots (
    robot_id text PRIMARY KEY,
    name text NOT NULL,
    description text,
    role text NOT NULL,
    tenant_id text REFERENCES tenants.tenants,
    publisher_id text REFERENCES tenants.publishers,
    secret_hash text NOT NULL,
    status text NOT NULL DEFAULT 'Active' CHECK (status IN ('Active', 'Disabled')),
    created_by text NOT NULL,
    created_by_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CHECK ((tenant_id IS NULL) <> (publisher_id IS NULL)),
    UNIQUE NULLS NOT DISTINCT (tenant_id, publisher_id, name)
  )`,
  'CREATE INDEX robots_by_owner ON tenants.robots (tenant_id, publisher_id, created_at DESC, robot_id DESC)',
  'CREATE INDEX robots_by_creator ON tenants.robots (created_by_id)',
  ...tenantIsolation('tenants', 'robots'),

  `CREATE TABLE tenants.signing_keys (
    kid text PRIMARY KEY,
    private_key_sealed text NOT NULL,
    public_jwk jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    activates_at timestamptz,
    retires_at timestamptz
  )`,
  ...platformOnly('tenants', 'signing_keys'),

  `CREATE TABLE tenants.sign_in_failures (
    subject text PRIMARY KEY,
    failures int NOT NULL,
    last_at timestamptz NOT NULL
  )`,
  'CREATE INDEX sign_in_failures_by_age ON tenants.sign_in_failures (last_at)',
  ...platformOnly('tenants', 'sign_in_failures'),

  ...idempotencyStatements('tenants'),
];
