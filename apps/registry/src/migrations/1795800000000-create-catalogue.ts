import { platformOnly, serviceRole, tenantIsolation } from '@switchyard/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const service = serviceRole('registry');

const pluginColumns = [
  'plugin_id text PRIMARY KEY',
  'name text NOT NULL',
  'description text',
  'category text NOT NULL',
  'publisher_id text NOT NULL',
  'icon_url text',
  'documentation_url text',
  'repository_url text',
  "tags text[] NOT NULL DEFAULT '{}'",
  "status text NOT NULL DEFAULT 'Registered' CHECK (status IN ('Registered', 'Validated', 'Approved', 'Active', 'Deprecated', 'Archived'))",
  'status_before text',
  "visibility text NOT NULL DEFAULT 'Public' CHECK (visibility IN ('Public', 'Private'))",
  'featured boolean NOT NULL DEFAULT false',
  'latest_version text NOT NULL',
  'version_count int NOT NULL DEFAULT 1',
  'deprecation jsonb',
  'installation_count int NOT NULL DEFAULT 0',
  'ratings int[] NOT NULL DEFAULT ARRAY[0, 0, 0, 0, 0]',
  'rating_count int NOT NULL DEFAULT 0',
  'average_rating numeric(3, 2)',
  'downloads bigint NOT NULL DEFAULT 0',
  'version int NOT NULL DEFAULT 1',
  'created_at timestamptz NOT NULL DEFAULT now()',
  'updated_at timestamptz NOT NULL DEFAULT now()',
];
const names = pluginColumns.map((column) => column.split(' ', 1)[0] ?? '');
const list = names.join(', ');
const values = names.map((name) => `NEW.${name}`).join(', ');
const assignments = names
  .filter((name) => name !== 'plugin_id')
  .map((name) => `${name} = excluded.${name}`)
  .join(', ');

/** A row of whoever may see the plugin: texts and arrays are searched here, where no policy stands in an index's way. */
const words = `setweight(to_tsvector('simple', replace(NEW.plugin_id, '-', ' ') || ' ' || NEW.plugin_id || ' ' || NEW.name), 'A')
      || setweight(to_tsvector('english', NEW.name), 'A')
      || setweight(to_tsvector('simple', array_to_string(NEW.tags, ' ')), 'B')
      || setweight(to_tsvector('english', left(coalesce(NEW.description, ''), 2000)), 'C')
      || setweight(to_tsvector('simple', NEW.category), 'C')`;

const upsertInto = (table: string): string => `
      INSERT INTO registry.${table} (${list}, words) VALUES (${values}, ${words})
      ON CONFLICT (plugin_id) DO UPDATE SET ${assignments}, words = excluded.words`;

const plugins = [
  `CREATE TABLE registry.plugins (${pluginColumns.join(', ')})`,
  ...platformOnly('registry', 'plugins'),
  ...['catalogue', 'private_catalogue'].map(
    (table) => `CREATE TABLE registry.${table} (${pluginColumns.join(', ')}, words tsvector NOT NULL)`,
  ),
  'CREATE INDEX catalogue_by_age ON registry.catalogue (created_at DESC, plugin_id DESC)',
  'CREATE INDEX catalogue_by_category ON registry.catalogue (category, created_at DESC, plugin_id DESC)',
  'CREATE INDEX catalogue_by_status ON registry.catalogue (status, created_at DESC, plugin_id DESC)',
  'CREATE INDEX catalogue_by_publisher ON registry.catalogue (publisher_id, created_at DESC, plugin_id DESC)',
  ...(
    [
      ['popularity', 'installation_count'],
      ['rating', '(coalesce(average_rating, 0))'],
      ['update', 'updated_at'],
      ['age_offered', 'created_at'],
    ] as const
  ).map(
    ([name, column]) =>
      `CREATE INDEX catalogue_by_${name} ON registry.catalogue (${column} DESC, plugin_id DESC) WHERE status <> 'Archived'`,
  ),
  `CREATE INDEX catalogue_by_name ON registry.catalogue (lower(name) DESC, plugin_id DESC) WHERE status <> 'Archived'`,
  `CREATE INDEX catalogue_by_category_and_popularity ON registry.catalogue (category, installation_count DESC, plugin_id DESC) WHERE status <> 'Archived'`,
  `CREATE INDEX catalogue_by_category_and_rating ON registry.catalogue (category, (coalesce(average_rating, 0)) DESC, plugin_id DESC) WHERE status <> 'Archived'`,
  `CREATE INDEX catalogue_featured ON registry.catalogue (installation_count DESC, plugin_id DESC) WHERE featured AND status <> 'Archived'`,
  'CREATE INDEX catalogue_tags ON registry.catalogue USING gin (tags)',
  'CREATE INDEX catalogue_words ON registry.catalogue USING gin (words)',
  'CREATE INDEX catalogue_id_prefix ON registry.catalogue (plugin_id text_pattern_ops)',
  `REVOKE INSERT, UPDATE, DELETE ON registry.catalogue, registry.private_catalogue FROM ${service}`,

  `CREATE TABLE registry.plugin_grants (
    plugin_id text NOT NULL REFERENCES registry.plugins ON DELETE CASCADE,
    tenant_id text NOT NULL,
    PRIMARY KEY (plugin_id, tenant_id)
  )`,
  'CREATE INDEX plugin_grants_by_tenant ON registry.plugin_grants (tenant_id, plugin_id)',
  ...tenantIsolation('registry', 'plugin_grants'),
  `REVOKE INSERT, UPDATE ON registry.plugin_grants FROM ${service}`,

  // A tenant sees the private plugins that were granted to it: the grants it sees are its own.
  ...platformOnly('registry', 'private_catalogue'),
  `CREATE POLICY granted ON registry.private_catalogue FOR SELECT TO ${service}
     USING (plugin_id IN (SELECT g.plugin_id FROM registry.plugin_grants g))`,

  // The words of ids and names, whoever sees them: what is nearly one of them is looked up here, not in every plugin.
  'CREATE TABLE registry.spellings (word text PRIMARY KEY)',
  'CREATE INDEX spellings_alike ON registry.spellings USING gin (word public.gin_trgm_ops)',
  `REVOKE INSERT, UPDATE, DELETE ON registry.spellings FROM ${service}`,

  `CREATE FUNCTION registry.show_plugin() RETURNS trigger LANGUAGE plpgsql SET search_path = registry, public, pg_temp AS $$
  BEGIN
    IF TG_OP = 'DELETE' OR OLD.visibility <> NEW.visibility OR OLD.plugin_id <> NEW.plugin_id THEN
      DELETE FROM registry.catalogue WHERE plugin_id = OLD.plugin_id;
      DELETE FROM registry.private_catalogue WHERE plugin_id = OLD.plugin_id;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN NULL; END IF;
    IF TG_OP = 'INSERT' OR OLD.name <> NEW.name THEN
      INSERT INTO registry.spellings (word)
        SELECT DISTINCT word FROM regexp_split_to_table(lower(NEW.plugin_id || ' ' || NEW.name), '[[:space:][:punct:]]+') AS word
        WHERE length(word) BETWEEN 4 AND 40 AND word !~ '^[0-9]+$' ORDER BY word
      ON CONFLICT DO NOTHING;
    END IF;
    IF NEW.visibility = 'Public' THEN ${upsertInto('catalogue')};
    ELSE ${upsertInto('private_catalogue')};
    END IF;
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER show_plugin AFTER INSERT OR UPDATE OR DELETE ON registry.plugins FOR EACH ROW EXECUTE FUNCTION registry.show_plugin()`,
  `CREATE VIEW registry.seen_plugins WITH (security_invoker = true) AS
     SELECT ${list}, words FROM registry.catalogue UNION ALL SELECT ${list}, words FROM registry.private_catalogue`,
];

/** What hangs on a plugin is seen by whoever sees the plugin. */
const seenWithPlugin = (table: string): string[] => [
  ...platformOnly('registry', table),
  `CREATE POLICY seen ON registry.${table} FOR SELECT TO ${service} USING (
     EXISTS (SELECT FROM registry.catalogue c WHERE c.plugin_id = ${table}.plugin_id)
     OR EXISTS (SELECT FROM registry.private_catalogue c WHERE c.plugin_id = ${table}.plugin_id))`,
  `REVOKE INSERT, UPDATE, DELETE ON registry.${table} FROM ${service}`,
];

const versions = [
  `CREATE TABLE registry.versions (
    plugin_id text NOT NULL REFERENCES registry.plugins ON DELETE CASCADE,
    semantic_version text NOT NULL,
    version_id text NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('Alpha', 'Beta', 'Stable', 'Deprecated', 'Archived', 'Recalled')),
    runtime jsonb NOT NULL,
    resources jsonb NOT NULL,
    binary_url text,
    checksum text NOT NULL,
    configuration_schema text,
    given_manifest jsonb,
    manifest jsonb,
    dependencies jsonb NOT NULL DEFAULT '[]',
    conflicts jsonb NOT NULL DEFAULT '[]',
    capabilities jsonb NOT NULL DEFAULT '[]',
    release_notes text,
    deprecation jsonb,
    recall jsonb,
    artifact jsonb,
    signed boolean NOT NULL DEFAULT false,
    downloads bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (plugin_id, semantic_version)
  )`,
  'CREATE INDEX versions_by_age ON registry.versions (plugin_id, created_at DESC, semantic_version DESC)',
  'CREATE INDEX versions_by_artifact ON registry.versions (checksum) WHERE artifact IS NOT NULL',
  ...seenWithPlugin('versions'),
  // A number is never used again, even after its plugin was deleted; nor an id by another publisher.
  `CREATE TABLE registry.used_versions (
    plugin_id text NOT NULL,
    semantic_version text NOT NULL,
    checksum text NOT NULL,
    PRIMARY KEY (plugin_id, semantic_version)
  )`,
  ...platformOnly('registry', 'used_versions'),
  'CREATE TABLE registry.retired_plugins (plugin_id text PRIMARY KEY, publisher_id text NOT NULL, retired_at timestamptz NOT NULL DEFAULT now())',
  ...platformOnly('registry', 'retired_plugins'),

  `CREATE TABLE registry.signatures (
    plugin_id text NOT NULL,
    semantic_version text NOT NULL,
    key_id text NOT NULL,
    signature text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (plugin_id, semantic_version, key_id),
    FOREIGN KEY (plugin_id, semantic_version) REFERENCES registry.versions ON DELETE CASCADE
  )`,
  ...seenWithPlugin('signatures'),

  `CREATE TABLE registry.plugin_capabilities (
    capability_id text NOT NULL,
    plugin_id text NOT NULL REFERENCES registry.plugins ON DELETE CASCADE,
    name text NOT NULL,
    version text NOT NULL,
    definition jsonb NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (capability_id, plugin_id)
  )`,
  'CREATE INDEX plugin_capabilities_by_plugin ON registry.plugin_capabilities (plugin_id)',
  'CREATE INDEX plugin_capabilities_by_age ON registry.plugin_capabilities (capability_id, since DESC, plugin_id DESC)',
  ...seenWithPlugin('plugin_capabilities'),
  // Public plugins counted, so that a list of capabilities never counts plugins.
  `CREATE TABLE registry.capabilities (
    capability_id text PRIMARY KEY,
    name text NOT NULL,
    version text NOT NULL,
    plugin_count int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE INDEX capabilities_by_age ON registry.capabilities (created_at DESC, capability_id DESC)',
  `REVOKE INSERT, UPDATE, DELETE ON registry.capabilities FROM ${service}`,
];

const artifacts = [
  `CREATE TABLE registry.blobs (
    digest text PRIMARY KEY,
    size bigint NOT NULL,
    marked_at timestamptz,
    touched_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE INDEX blobs_to_look_at ON registry.blobs (touched_at)',
  ...platformOnly('registry', 'blobs'),
  // Who still needs the bytes of a digest, beside the versions that have it: releases and what a rollback can reach.
  `CREATE TABLE registry.pins (
    digest text NOT NULL,
    holder text NOT NULL,
    plugin_id text NOT NULL,
    semantic_version text NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (holder, plugin_id, semantic_version)
  )`,
  'CREATE INDEX pins_by_digest ON registry.pins (digest)',
  'CREATE INDEX pins_by_version ON registry.pins (plugin_id, semantic_version)',
  ...platformOnly('registry', 'pins'),
];

const tenants = [
  `CREATE TABLE registry.installations (
    tenant_id text NOT NULL,
    environment text NOT NULL,
    plugin_id text NOT NULL,
    semantic_version text,
    revision bigint NOT NULL,
    PRIMARY KEY (tenant_id, environment, plugin_id)
  )`,
  'CREATE INDEX installations_by_plugin ON registry.installations (plugin_id, semantic_version)',
  ...tenantIsolation('registry', 'installations'),
  `CREATE TABLE registry.reviews (
    review_id text PRIMARY KEY,
    plugin_id text NOT NULL REFERENCES registry.plugins ON DELETE CASCADE,
    tenant_id text NOT NULL,
    rating int NOT NULL CHECK (rating BETWEEN 1 AND 5),
    title text,
    comment text,
    semantic_version text NOT NULL,
    written_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (plugin_id, tenant_id)
  )`,
  'CREATE INDEX reviews_by_age ON registry.reviews (plugin_id, created_at DESC, review_id DESC)',
  ...tenantIsolation('registry', 'reviews'),
  // Plugins whose counters are to be counted anew, because a tenant's context cannot reach them.
  'CREATE TABLE registry.counts_due (plugin_id text NOT NULL)',
  `REVOKE SELECT, UPDATE, DELETE ON registry.counts_due FROM ${service}`,
  // Until the tenants service has made it and its feed tells of it.
  'CREATE TABLE registry.requested_publishers (publisher_id text PRIMARY KEY, name text NOT NULL)',
  ...platformOnly('registry', 'requested_publishers'),
];

const tables = [
  'requested_publishers',
  'counts_due',
  'reviews',
  'installations',
  'pins',
  'blobs',
  'capabilities',
  'plugin_capabilities',
  'signatures',
  'retired_plugins',
  'used_versions',
  'versions',
  'plugin_grants',
  'spellings',
  'private_catalogue',
  'catalogue',
  'plugins',
];

/** The migrator makes it where it may; a server that forbids that needs an administrator once. */
async function mustHaveTrigrams(runner: QueryRunner): Promise<void> {
  const found = (await runner.query(
    `SELECT 1 FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm' AND n.nspname = 'public'`,
  )) as unknown[];
  if (found.length === 0)
    throw new Error(
      'the marketplace searches with trigrams: as an administrator, run CREATE EXTENSION pg_trgm SCHEMA public in this database',
    );
}

export class CreateCatalogue1795800000000 implements MigrationInterface {
  readonly name = 'CreateCatalogue1795800000000';

  async up(runner: QueryRunner): Promise<void> {
    await mustHaveTrigrams(runner);
    for (const statement of [...plugins, ...versions, ...artifacts, ...tenants])
      await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP VIEW registry.seen_plugins');
    for (const table of tables) await runner.query(`DROP TABLE registry.${table}`);
    await runner.query('DROP FUNCTION registry.show_plugin()');
  }
}
