import { eventually } from '@switchyard/testing';
import { aPlugin, mustAnswer, register } from '../e2e/registry/a-plugin.js';
import { asService, refused } from '../support/as-service.js';
import { installed } from '../support/installations.js';
import { startPlatform, type RunningPlatform } from '../support/start-platform.js';

const contexts = {
  none: undefined,
  empty: '',
  unknown: 'nobody-at-all',
  pattern: 'rls-%',
  injected: "rls-one' OR true --",
  'another tenant': 'rls-two',
};

describe("row-level security of the registry's tables, with the application out of the picture", () => {
  let platform: RunningPlatform;

  beforeAll(async () => {
    platform = await startPlatform();
    const { admin, database } = platform;
    for (const tenantId of ['rls-one', 'rls-two'])
      await mustAnswer(admin.post('/api/v1/tenants', { tenantId, name: tenantId }), 201);
    const capabilities = [{ capabilityId: 'IHidden', name: 'Hidden' }];
    await register(admin, 'rls-public');
    await register(admin, 'rls-private', { visibility: 'Private', capabilities });
    await register(admin, 'rls-nobodys', { visibility: 'Private', capabilities });
    await admin.put('/api/v1/plugins/rls-private/access', { visibility: 'Private', tenants: ['rls-one'] });
    // What signing, uploading, deleting and requesting leave behind, without a key and an archive.
    await database.look(
      `INSERT INTO registry.signatures (plugin_id, semantic_version, key_id, signature)
       SELECT plugin_id, semantic_version, 'key', 'signature' FROM registry.versions`,
    );
    await database.look(`INSERT INTO registry.blobs (digest, size) VALUES ('sha256:1', 1)`);
    await database.look(
      `INSERT INTO registry.pins (digest, holder, plugin_id, semantic_version) VALUES ('sha256:1', 'dep-1', 'rls-public', '1.0.0')`,
    );
    await mustAnswer(admin.post('/api/v1/plugins', aPlugin('rls-deleted')), 201);
    await mustAnswer(admin.delete('/api/v1/plugins/rls-deleted'), 204);
    await database.look(
      `INSERT INTO registry.requested_publishers (publisher_id, name) VALUES ('rls-asked', 'Asked') ON CONFLICT DO NOTHING`,
    );
    for (const tenantId of ['rls-one', 'rls-two']) {
      await installed(database, tenantId, 'rls-public', '1.0.0');
      await database.look(
        `INSERT INTO registry.reviews (review_id, plugin_id, tenant_id, rating, semantic_version, written_by)
         VALUES ($1, 'rls-public', $2, 3, '1.0.0', 'somebody')`,
        [`rev-${tenantId}`, tenantId],
      );
    }
    await eventually(async () =>
      expect(await database.look('SELECT 1 FROM registry.installations')).toHaveLength(2),
    );
  });
  afterAll(() => platform.stop());

  const seen = (table: string, column: string, context: string | undefined) =>
    asService(platform, 'registry', context, async (client) => {
      const { rows } = await client.query<{ value: string }>(
        `SELECT DISTINCT ${column} AS value FROM registry.${table} ORDER BY 1`,
      );
      return rows.map(({ value }) => value);
    });

  const hanging = ['versions', 'signatures'];

  describe.each(Object.entries(contexts))('with a context of %s', (_, context) => {
    it('shows of private plugins nothing, nor what hangs on them', async () => {
      expect(await seen('private_catalogue', 'plugin_id', context)).toEqual([]);
      expect(await seen('plugin_grants', 'plugin_id', context)).toEqual([]);
      expect(await seen('plugin_capabilities', 'plugin_id', context)).toEqual([]);
      for (const table of [...hanging, 'catalogue', 'seen_plugins'])
        expect({ table, seen: await seen(table, 'plugin_id', context) }).toEqual({
          table,
          seen: ['rls-public'],
        });
    });

    it('shows of tenants no other', async () => {
      const own = context === 'rls-two' ? ['rls-two'] : [];
      for (const table of ['installations', 'reviews', 'tenant_copies'])
        expect({ table, seen: await seen(table, 'tenant_id', context) }).toEqual({ table, seen: own });
    });
  });

  it('shows a tenant what was granted to it, with what hangs on it, and what is its own', async () => {
    expect(await seen('private_catalogue', 'plugin_id', 'rls-one')).toEqual(['rls-private']);
    expect(await seen('plugin_grants', 'plugin_id', 'rls-one')).toEqual(['rls-private']);
    expect(await seen('plugin_grants', 'tenant_id', 'rls-one')).toEqual(['rls-one']);
    expect(await seen('plugin_capabilities', 'plugin_id', 'rls-one')).toEqual(['rls-private']);
    for (const table of [...hanging, 'seen_plugins'])
      expect(await seen(table, 'plugin_id', 'rls-one')).toEqual(['rls-private', 'rls-public']);
    for (const table of ['installations', 'reviews'])
      expect(await seen(table, 'tenant_id', 'rls-one')).toEqual(['rls-one']);
  });

  it.each(['plugins', 'blobs', 'pins', 'used_versions', 'retired_plugins', 'requested_publishers'])(
    'shows %s to no tenant at all, and takes nothing',
    async (table) => {
      const held = await platform.database.look(`SELECT 1 FROM registry.${table}`);
      expect(held.length).toBeGreaterThan(0);
      for (const context of ['rls-one', undefined]) {
        await asService(platform, 'registry', context, async (client) => {
          expect(await client.query(`SELECT * FROM registry.${table}`)).toMatchObject({ rowCount: 0 });
          expect(await client.query(`DELETE FROM registry.${table}`)).toMatchObject({ rowCount: 0 });
        });
      }
    },
  );

  it.each([
    `INSERT INTO registry.plugins (plugin_id, name, category, publisher_id, latest_version) VALUES ('evil', 'x', 'x', 'x', '1.0.0')`,
    `INSERT INTO registry.blobs (digest, size) VALUES ('sha256:2', 1)`,
    `INSERT INTO registry.pins (digest, holder, plugin_id, semantic_version) VALUES ('sha256:1', 'x', 'rls-public', '1.0.0')`,
    `INSERT INTO registry.used_versions (plugin_id, semantic_version, checksum) VALUES ('rls-public', '9.0.0', 'x')`,
    `INSERT INTO registry.retired_plugins (plugin_id, publisher_id) VALUES ('evil', 'x')`,
    `INSERT INTO registry.requested_publishers (publisher_id, name) VALUES ('evil', 'x')`,
    `INSERT INTO registry.plugin_grants (plugin_id, tenant_id) VALUES ('rls-nobodys', 'rls-one')`,
    `INSERT INTO registry.installations (tenant_id, environment, plugin_id, revision) VALUES ('rls-two', 'QA', 'rls-public', 1)`,
    `INSERT INTO registry.reviews (review_id, plugin_id, tenant_id, rating, semantic_version, written_by)
     VALUES ('rev-evil', 'rls-public', 'rls-two', 1, '1.0.0', 'x')`,
    `UPDATE registry.reviews SET tenant_id = 'rls-two'`,
    `UPDATE registry.installations SET tenant_id = 'rls-two'`,
    `UPDATE registry.plugin_grants SET plugin_id = 'rls-nobodys'`,
    `SELECT plugin_id FROM registry.counts_due`,
    `DELETE FROM registry.counts_due`,
    ...[
      'catalogue',
      'private_catalogue',
      'versions',
      'signatures',
      'plugin_capabilities',
      'capabilities',
    ].flatMap((table) => {
      const column = table === 'capabilities' ? 'capability_id' : 'plugin_id';
      return [
        `UPDATE registry.${table} SET ${column} = ${column}`,
        `DELETE FROM registry.${table}`,
        `INSERT INTO registry.${table} SELECT * FROM registry.${table}`,
      ];
    }),
  ])('refuses to a context of rls-one: %s', async (statement) => {
    await asService(platform, 'registry', 'rls-one', async (client) => {
      await expect(client.query(statement)).rejects.toMatchObject(refused);
    });
  });

  it.each(['installations', 'reviews', 'plugin_grants'])(
    'deletes of %s no row of another tenant',
    async (table) => {
      await asService(platform, 'registry', 'rls-two', async (client) => {
        expect(await client.query(`DELETE FROM registry.${table} WHERE tenant_id = 'rls-one'`)).toMatchObject(
          { rowCount: 0 },
        );
      });
    },
  );

  it('hides at once what is no longer granted', async () => {
    await platform.admin.put('/api/v1/plugins/rls-private/access', {
      visibility: 'Private',
      tenants: ['rls-two'],
    });
    expect(await seen('seen_plugins', 'plugin_id', 'rls-one')).toEqual(['rls-public']);
    expect(await seen('versions', 'plugin_id', 'rls-two')).toEqual(['rls-private', 'rls-public']);
  });
});
