import { pluginDeleted, pluginStatusChanged, pluginUpdated } from '@switchyard/contracts';
import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { toldOf } from '../../support/events.js';
import { installed } from '../../support/installations.js';
import { actionsIn } from '../../support/pages.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { aPublisher, aTenant, type TenantPeople } from './a-cast.js';
import { register } from './a-plugin.js';

const plugins = '/api/v1/plugins';
const deprecation = { message: 'Use the other one', replacement: 'other-one' };

describe("a plugin's status", () => {
  let platform: RunningPlatform;
  let developer: Client;
  let stranger: Client;
  let tenant: TenantPeople;

  beforeAll(async () => {
    platform = await startPlatform();
    developer = await aPublisher(platform, 'acme', 'Acme Corp');
    stranger = await aPublisher(platform, 'globex', 'Globex');
    tenant = await aTenant(platform, 'tenant-one');
  });
  afterAll(() => platform.stop());

  const becomes = (pluginId: string, status: string) =>
    eventually(async () =>
      expect(await developer.get(`${plugins}/${pluginId}`)).toMatchObject({ body: { status } }),
    );
  const approved = async (pluginId: string, changes: Record<string, unknown> = {}) => {
    await register(developer, pluginId, changes);
    await becomes(pluginId, 'Approved');
  };
  const step = (pluginId: string, name: string, by = developer) =>
    by.post(`${plugins}/${pluginId}/${name}`, name === 'deprecate' ? deprecation : undefined);
  const totalOf = async (path: string) => ((await tenant.viewer.get(path)).body as { total: number }).total;
  const toldStatuses = async (pluginId: string) =>
    (await toldOf(platform.database, pluginStatusChanged, pluginId)).map(({ from, to }) => `${from} > ${to}`);

  it('goes from Registered to Approved by itself, and is told at each step', async () => {
    await approved('by-itself');
    await eventually(async () =>
      expect(await toldStatuses('by-itself')).toEqual(['Registered > Validated', 'Validated > Approved']),
    );
  });

  it('is Active from the first installation on, and stays so when it is gone', async () => {
    await approved('in-use');
    await installed(platform.database, tenant.tenantId, 'in-use', '1.0.0');
    await becomes('in-use', 'Active');
    await installed(platform.database, tenant.tenantId, 'in-use', null);
    await eventually(async () =>
      expect(await developer.get(`${plugins}/in-use`)).toMatchObject({
        body: { status: 'Active', installationCount: 0 },
      }),
    );
  });

  it('is Deprecated with words for whoever looks, which may be worded anew, and can be taken back', async () => {
    await approved('old');
    expect(await step('old', 'deprecate')).toMatchObject({
      status: 200,
      body: { status: 'Deprecated', deprecation },
    });
    expect(await tenant.viewer.get('/api/v1/marketplace/plugins/old')).toMatchObject({
      body: { status: 'Deprecated', deprecation },
    });
    const message = 'Use anything else';
    expect(await developer.post(`${plugins}/old/deprecate`, { message })).toMatchObject({
      status: 200,
      body: { status: 'Deprecated', deprecation: { message, replacement: null } },
    });
    expect(await step('old', 'reinstate')).toMatchObject({
      status: 200,
      body: { status: 'Approved', deprecation: null },
    });
  });

  it('is Archived out of the marketplace and the counts of capabilities, and stays readable', async () => {
    const capabilities = [{ capabilityId: 'IArchived', name: 'Archived' }];
    await approved('shelved', { capabilities, tags: ['shelved'] });
    await platform.admin.put('/api/v1/marketplace/plugins/shelved/featured');
    const places = [
      '/api/v1/marketplace/plugins?tags=shelved',
      '/api/v1/marketplace/search?q=shelved',
      '/api/v1/capabilities?search=IArchived',
    ];
    for (const place of places) expect({ place, total: await totalOf(place) }).toEqual({ place, total: 1 });

    expect(await developer.post(`${plugins}/shelved/archive`, { reason: 'Nobody cares' })).toMatchObject({
      status: 200,
      body: { status: 'Archived', featured: false },
    });
    for (const place of places) expect({ place, total: await totalOf(place) }).toEqual({ place, total: 0 });
    expect(await totalOf('/api/v1/capabilities/IArchived/plugins')).toBe(0);
    expect(await tenant.viewer.get('/api/v1/marketplace/plugins/shelved')).toMatchObject({ status: 404 });
    for (const path of ['', '/versions', '/versions/1.0.0', '/versions/1.0.0/verify'])
      expect(await tenant.viewer.get(`${plugins}/shelved${path}`)).toMatchObject({ status: 200 });
    expect(await tenant.viewer.get('/api/v1/capabilities/IArchived')).toMatchObject({
      status: 200,
      body: { pluginCount: 0 },
    });

    expect(await step('shelved', 'reinstate')).toMatchObject({
      status: 200,
      body: { status: 'Approved', featured: false },
    });
    for (const place of places) expect({ place, total: await totalOf(place) }).toEqual({ place, total: 1 });
  });

  it('is what it was before it was deprecated, however it was set aside', async () => {
    await approved('set-aside');
    await installed(platform.database, tenant.tenantId, 'set-aside', '1.0.0');
    await becomes('set-aside', 'Active');
    await step('set-aside', 'deprecate');
    await step('set-aside', 'archive');
    expect(await step('set-aside', 'reinstate')).toMatchObject({ body: { status: 'Active' } });
    await eventually(async () =>
      expect((await toldStatuses('set-aside')).slice(2)).toEqual([
        'Approved > Active',
        'Active > Deprecated',
        'Deprecated > Archived',
        'Archived > Active',
      ]),
    );
  });

  it('does not change by a repeated step, which writes nothing down', async () => {
    await approved('repeated');
    for (const name of ['deprecate', 'archive']) {
      const first = await step('repeated', name);
      const again = await step('repeated', name);
      expect([again.status, again.body, again.headers.get('etag')]).toEqual([
        200,
        first.body,
        first.headers.get('etag'),
      ]);
    }
    const actions = await actionsIn(platform.admin, '/api/v1/audit');
    expect(actions.slice(-2)).toEqual(['plugin.deprecated', 'plugin.archived']);
  });

  it.each([
    ['reinstate', [], 'is Approved: it cannot be reinstated, but deprecated or archived'],
    ['deprecate', ['archive'], 'is Archived: it cannot be deprecated, but reinstated'],
    ['approve', ['deprecate'], 'is Deprecated: it cannot be approved, but archived or reinstated'],
  ])('refuses to %s after %j, and says what is possible', async (name, before, message) => {
    const pluginId = `no-${name}`;
    await approved(pluginId);
    for (const earlier of before) await step(pluginId, earlier);
    expect(await step(pluginId, name, platform.admin)).toMatchObject({
      status: 409,
      body: { error: { code: 'CONFLICT', message: expect.stringContaining(message) } },
    });
  });

  it('is changed by its publisher and PlatformAdmins only', async () => {
    await approved('ours');
    for (const name of ['deprecate', 'archive', 'reinstate'])
      for (const who of [stranger, tenant.tenantAdmin, tenant.viewer])
        expect(await step('ours', name, who)).toMatchObject({ status: 403 });
    expect(await step('ours', 'approve')).toMatchObject({ status: 403 });
    expect(await step('ours', 'archive', platform.admin)).toMatchObject({ status: 200 });
  });

  it('is not changed by metadata that says what is said already, which is no news', async () => {
    await approved('unchanged');
    const before = await developer.get(`${plugins}/unchanged`);
    for (const body of [{}, { name: 'The unchanged' }])
      expect((await developer.patch(`${plugins}/unchanged`, body)).headers.get('etag')).toBe(
        before.headers.get('etag'),
      );
    await developer.patch(`${plugins}/unchanged`, { name: 'The unchanged', description: 'New' });
    await eventually(async () =>
      expect(await toldOf(platform.database, pluginUpdated, 'unchanged')).toEqual([
        { pluginId: 'unchanged', changed: ['description'] },
      ]),
    );
  });

  it('ends by being deleted, not while it is deployed somewhere, and not by its publisher', async () => {
    await approved('to-delete', { capabilities: [{ capabilityId: 'IDeleted', name: 'Deleted' }] });
    await installed(platform.database, tenant.tenantId, 'to-delete', '1.0.0', 'Staging');
    await becomes('to-delete', 'Active');
    expect(await developer.delete(`${plugins}/to-delete`)).toMatchObject({ status: 403 });
    expect(await platform.admin.delete(`${plugins}/to-delete`)).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('is deployed in 1 environment(s)') } },
    });
    await installed(platform.database, tenant.tenantId, 'to-delete', null, 'Staging');
    await eventually(async () =>
      expect(await platform.admin.delete(`${plugins}/to-delete`)).toMatchObject({ status: 204, text: '' }),
    );
    for (const path of ['', '/versions', '/versions/1.0.0', '/access'])
      expect(await platform.admin.get(`${plugins}/to-delete${path}`)).toMatchObject({ status: 404 });
    expect(await platform.admin.delete(`${plugins}/to-delete`)).toMatchObject({ status: 404 });
    expect(await totalOf('/api/v1/capabilities?search=IDeleted')).toBe(0);
    await eventually(async () =>
      expect(await toldOf(platform.database, pluginDeleted, 'to-delete')).toEqual([
        { pluginId: 'to-delete' },
      ]),
    );
    expect((await actionsIn(platform.admin, '/api/v1/audit')).at(-1)).toBe('plugin.deleted');
  });
});
