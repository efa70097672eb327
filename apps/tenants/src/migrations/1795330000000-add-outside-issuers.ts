import { platformOnly, serviceRole, tenantIsolation } from '@switchyard/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddOutsideIssuers1795330000000 implements MigrationInterface {
  readonly name = 'AddOutsideIssuers1795330000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['exchanged_tokens', 'trust_rules', 'oidc_issuers'])
      await runner.query(`DROP TABLE tenants.${table} CASCADE`);
  }
}

const statements = [
  `CREATE TABLE tenants.oidc_issuers (
    issuer_id text PRIMARY KEY,
    name text NOT NULL,
    issuer text NOT NULL UNIQUE,
    audience text NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE INDEX oidc_issuers_by_age ON tenants.oidc_issuers (created_at DESC, issuer_id DESC)',
  ...platformOnly('tenants', 'oidc_issuers'),
  // A tenant's rule names one and tells what to ask it for; it changes none.
  `CREATE POLICY named_by_rules ON tenants.oidc_issuers FOR SELECT TO ${serviceRole('tenants')} USING (true)`,

  `CREATE TABLE tenants.trust_rules (
    rule_id text PRIMARY KEY,
    name text NOT NULL,
    issuer_id text NOT NULL REFERENCES tenants.oidc_issuers,
    role text NOT NULL,
    tenant_id text REFERENCES tenants.tenants,
    publisher_id text REFERENCES tenants.publishers,
    claims jsonb NOT NULL,
    anchor text NOT NULL,
    status text NOT NULL DEFAULT 'Active' CHECK (status IN ('Active', 'Disabled')),
    token_generation int NOT NULL DEFAULT 0,
    created_by text NOT NULL,
    created_by_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    CHECK ((tenant_id IS NULL) <> (publisher_id IS NULL)),
    CHECK (role <> 'PlatformAdmin'),
    UNIQUE NULLS NOT DISTINCT (tenant_id, publisher_id, name)
  )`,
  'CREATE INDEX trust_rules_by_owner ON tenants.trust_rules (tenant_id, publisher_id, created_at DESC, rule_id DESC)',
  'CREATE INDEX trust_rules_by_creator ON tenants.trust_rules (created_by_id)',
  // An exchange looks at the rules that could mean its token, not at every customer's.
  'CREATE INDEX trust_rules_by_anchor ON tenants.trust_rules (issuer_id, anchor)',
  ...tenantIsolation('tenants', 'trust_rules'),

  `CREATE TABLE tenants.exchanged_tokens (
    token_hash text PRIMARY KEY,
    uses int NOT NULL,
    expires_at timestamptz NOT NULL
  )`,
  'CREATE INDEX exchanged_tokens_by_expiry ON tenants.exchanged_tokens (expires_at)',
  ...platformOnly('tenants', 'exchanged_tokens'),
];
