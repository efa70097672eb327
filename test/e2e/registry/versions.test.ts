import { versionRecalled } from '@switchyard/contracts';
import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { toldOf } from '../../support/events.js';
import { installed } from '../../support/installations.js';
import { readAll } from '../../support/pages.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { aPublisher, aTenant, type TenantPeople } from './a-cast.js';
import { addVersion, anyChecksum, aVersion, register } from './a-plugin.js';

const plugins = '/api/v1/plugins';
const at = (pluginId: string, version?: string) =>
  `${plugins}/${pluginId}/versions${version === undefined ? '' : `/${version}`}`;

describe('versions', () => {
  let platform: RunningPlatform;
  let developer: Client;
  let stranger: Client;
  let tenant: TenantPeople;
  let other: TenantPeople;

  beforeAll(async () => {
    platform = await startPlatform();
    developer = await aPublisher(platform, 'acme', 'Acme Corp');
    stranger = await aPublisher(platform, 'globex', 'Globex');
    tenant = await aTenant(platform, 'tenant-one');
    other = await aTenant(platform, 'tenant-two');
  });
  afterAll(() => platform.stop());

  const latestOf = async (pluginId: string) =>
    ((await developer.get(`${plugins}/${pluginId}`)).body as { latestVersion: string }).latestVersion;
  const step = (pluginId: string, version: string, name: string, body?: object) =>
    developer.post(`${at(pluginId, version)}/${name}`, body);

  describe('being added', () => {
    it('answers 201, the same again 200, and other bytes 409 that name the field of this body', async () => {
      await register(developer, 'adding');
      const first = await developer.post(`${plugins}/adding/versions`, aVersion('1.1.0'));
      expect(first).toMatchObject({
        status: 201,
        body: { pluginId: 'adding', semanticVersion: '1.1.0', state: 'Stable', warnings: [] },
      });
      const { versionId } = first.body as { versionId: string };
      expect(await developer.post(`${plugins}/adding/versions`, aVersion('1.1.0'))).toMatchObject({
        status: 200,
        body: { versionId, warnings: [] },
      });
      const told = aVersion('1.1.0', { releaseNotes: 'new' });
      expect(await developer.post(`${plugins}/adding/versions`, told)).toMatchObject({
        status: 200,
        body: { versionId, releaseNotes: null, warnings: [{ field: 'releaseNotes' }] },
      });
      const changed = aVersion('1.1.0', { checksum: anyChecksum('other bytes') });
      expect(await developer.post(`${plugins}/adding/versions`, changed)).toMatchObject({
        status: 409,
        body: {
          error: { code: 'CONFLICT', details: [{ field: 'checksum', allowed: anyChecksum('1.1.0') }] },
        },
      });
      expect(await developer.get(`${plugins}/adding`)).toMatchObject({ body: { versionCount: 2 } });
    });

    it('names the field that is wrong as this body calls it', async () => {
      await register(developer, 'wrong-fields');
      const wrong = aVersion('1.1.0', {
        dependencies: [{ dependencyId: 'something', versionConstraint: 'newest' }],
      });
      expect(await developer.post(`${plugins}/wrong-fields/versions`, wrong)).toMatchObject({
        status: 400,
        body: { error: { details: [{ field: 'dependencies[0].versionConstraint', received: 'newest' }] } },
      });
    });

    it('is for its publisher and PlatformAdmins', async () => {
      await register(developer, 'whose');
      const version = aVersion('1.1.0');
      expect(await stranger.post(`${plugins}/whose/versions`, version)).toMatchObject({ status: 403 });
      expect(await tenant.tenantAdmin.post(`${plugins}/whose/versions`, version)).toMatchObject({
        status: 403,
      });
      expect(await developer.post(`${plugins}/nowhere-here/versions`, version)).toMatchObject({
        status: 404,
      });
      expect(await platform.admin.post(`${plugins}/whose/versions`, version)).toMatchObject({ status: 201 });
    });

    it('takes over the capabilities of the version below it when it names none', async () => {
      const one = [{ capabilityId: 'IOne', name: 'One' }];
      const both = [...one, { capabilityId: 'ITwo', name: 'Two' }];
      await register(developer, 'inheriting', { capabilities: one });
      await addVersion(developer, 'inheriting', '2.0.0', { capabilities: both });
      const capabilitiesOf = async (version: string) =>
        (
          (await addVersion(developer, 'inheriting', version)).body as {
            capabilities: { capabilityId: string }[];
          }
        ).capabilities.map(({ capabilityId }) => capabilityId);
      expect(await capabilitiesOf('1.0.1')).toEqual(['IOne']);
      expect(await capabilitiesOf('2.0.1')).toEqual(['IOne', 'ITwo']);
      expect(await capabilitiesOf('0.9.0')).toEqual([]);
    });
  });

  describe('being listed', () => {
    beforeAll(async () => {
      await register(developer, 'listed');
      for (const [version, state] of [
        ['1.1.0', 'Beta'],
        ['1.2.0', 'Alpha'],
        ['1.3.0', 'Beta'],
        ['1.4.0', 'Stable'],
      ])
        await addVersion(developer, 'listed', String(version), { state });
    });

    it('are shown newest first, page by page, each once', async () => {
      const { items, pages, total } = await readAll(tenant.viewer, `${at('listed')}?limit=2`, 'versions');
      expect(items.map(({ semanticVersion }) => semanticVersion)).toEqual([
        '1.4.0',
        '1.3.0',
        '1.2.0',
        '1.1.0',
        '1.0.0',
      ]);
      expect([pages, total]).toEqual([3, 5]);
    });

    it('are filtered by state, and passed over by offset', async () => {
      expect(await tenant.viewer.get(`${at('listed')}?state=Beta`)).toMatchObject({
        body: { total: 2, versions: [{ semanticVersion: '1.3.0' }, { semanticVersion: '1.1.0' }] },
      });
      expect(await tenant.viewer.get(`${at('listed')}?offset=4`)).toMatchObject({
        body: { total: 5, offset: 4, versions: [{ semanticVersion: '1.0.0' }], nextCursor: null },
      });
    });

    it.each(['state=Gone', 'cursor=nonsense', 'limit=0', 'limit=101', 'offset=-1', 'sort=name'])(
      'refuse %s',
      async (query) => {
        expect(await tenant.viewer.get(`${at('listed')}?${query}`)).toMatchObject({
          status: 400,
          body: { error: { code: 'VALIDATION_ERROR', details: [{ field: query.split('=')[0] }] } },
        });
      },
    );

    it("refuse another filter's cursor", async () => {
      const { body } = await tenant.viewer.get(`${at('listed')}?limit=1`);
      const { nextCursor } = body as { nextCursor: string };
      expect(await tenant.viewer.get(`${at('listed')}?state=Beta&cursor=${nextCursor}`)).toMatchObject({
        status: 400,
      });
    });

    it('are missing for a plugin that there is not', async () => {
      expect(await tenant.viewer.get(at('nowhere-here'))).toMatchObject({ status: 404 });
      expect(await tenant.viewer.get(at('listed', '9.9.9'))).toMatchObject({ status: 404 });
    });
  });

  it('move the latest with them: the highest Stable, else the highest that is offered, else the highest', async () => {
    await register(developer, 'latest', {}, { state: 'Beta' });
    await addVersion(developer, 'latest', '2.0.0', {
      state: 'Beta',
      capabilities: [{ capabilityId: 'ILatest', name: 'Latest' }],
    });
    expect(await latestOf('latest')).toBe('2.0.0');
    await step('latest', '1.0.0', 'promote', { state: 'Stable' });
    expect(await latestOf('latest')).toBe('1.0.0');
    expect(await developer.get(`${plugins}/latest`)).toMatchObject({ body: { capabilities: [] } });
    await step('latest', '1.0.0', 'recall', { reason: 'It leaks' });
    expect(await latestOf('latest')).toBe('2.0.0');
    expect(await developer.get(`${plugins}/latest`)).toMatchObject({
      body: { capabilities: [{ capabilityId: 'ILatest' }] },
    });
    await step('latest', '2.0.0', 'archive');
    expect(await latestOf('latest')).toBe('2.0.0');
    await addVersion(developer, 'latest', '1.5.0', { state: 'Alpha' });
    expect(await latestOf('latest')).toBe('1.5.0');
  });

  it('tell by a recall who runs them, stay readable, and keep the first reason', async () => {
    await register(developer, 'recalled');
    await addVersion(developer, 'recalled', '1.1.0');
    const { database } = platform;
    await installed(database, tenant.tenantId, 'recalled', '1.0.0');
    await installed(database, tenant.tenantId, 'recalled', '1.0.0', 'Staging');
    await installed(database, other.tenantId, 'recalled', '1.0.0', 'QA');
    await installed(database, other.tenantId, 'recalled', '1.1.0');
    await eventually(async () =>
      expect(
        await database.look('SELECT 1 FROM registry.installations WHERE plugin_id = $1', ['recalled']),
      ).toHaveLength(4),
    );
    expect(await step('recalled', '1.0.0', 'recall', { reason: 'It leaks' })).toMatchObject({
      status: 200,
      body: { state: 'Recalled', recall: { reason: 'It leaks', recalledAt: expect.stringMatching(/Z$/) } },
    });
    await eventually(async () =>
      expect(await toldOf(database, versionRecalled, 'recalled')).toEqual([
        {
          pluginId: 'recalled',
          version: '1.0.0',
          reason: 'It leaks',
          runningIn: [
            { tenantId: 'tenant-one', environment: 'Production' },
            { tenantId: 'tenant-one', environment: 'Staging' },
            { tenantId: 'tenant-two', environment: 'QA' },
          ],
          runningCount: 3,
        },
      ]),
    );
    const again = await step('recalled', '1.0.0', 'recall', { reason: 'Another' });
    expect(again).toMatchObject({ status: 200, body: { recall: { reason: 'It leaks' } } });
    expect(await toldOf(database, versionRecalled, 'recalled')).toHaveLength(1);
    expect(await tenant.viewer.get(at('recalled', '1.0.0'))).toMatchObject({
      status: 200,
      body: { state: 'Recalled' },
    });
    expect(await latestOf('recalled')).toBe('1.1.0');
  });
});
