import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { installed } from '../../support/installations.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { aPublisher, aTenant, type TenantPeople } from './a-cast.js';
import { addVersion, register } from './a-plugin.js';

const plugins = '/api/v1/plugins';
const needs = (...of: [id: string, range: string][]) => ({
  dependencies: of.map(([dependencyId, versionConstraint]) => ({ dependencyId, versionConstraint })),
});

interface Problem {
  field: string;
  kind: string;
  message: string;
  solution: string;
  chain: { id: string; version?: string; constraint?: string }[];
}

describe('dependencies', () => {
  let platform: RunningPlatform;
  let developer: Client;
  let tenant: TenantPeople;
  let other: TenantPeople;

  beforeAll(async () => {
    platform = await startPlatform({ RUNTIMES: 'DotNet8=8.0.11' });
    developer = await aPublisher(platform, 'acme', 'Acme Corp');
    tenant = await aTenant(platform, 'tenant-one');
    other = await aTenant(platform, 'tenant-two');
    await register(developer, 'core');
    await addVersion(developer, 'core', '1.5.0');
    await addVersion(developer, 'core', '2.0.0');
    await register(developer, 'middle', {}, needs(['core', '^1.0.0']));
    await register(developer, 'top', {}, needs(['middle', '*'], ['core', '>=1.0.0,<2.0.0']));
    await register(developer, 'modern', {}, needs(['core', '^2.0.0']));
  });
  afterAll(() => platform.stop());

  const at = (pluginId: string, version = '1.0.0') => `${plugins}/${pluginId}/versions/${version}`;
  const validate = (pluginId: string, body?: object, who: Client = tenant.viewer) =>
    who.post(`${at(pluginId)}/validate-dependencies`, body);
  const inTenant = { tenantId: 'tenant-one' };
  const runs = async (
    who: TenantPeople,
    pluginId: string,
    version: string | null,
    environment = 'Production',
  ) => {
    await installed(platform.database, who.tenantId, pluginId, version, environment);
    await eventually(async () =>
      expect(
        await platform.database.look(
          'SELECT semantic_version FROM registry.installations WHERE tenant_id = $1 AND environment = $2 AND plugin_id = $3',
          [who.tenantId, environment, pluginId],
        ),
      ).toEqual([{ semantic_version: version }]),
    );
  };
  const problemsOf = async (...of: Parameters<typeof validate>): Promise<Problem[]> => {
    const { status, body } = await validate(...of);
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: 'DEPENDENCY_CONFLICT' } } });
    return (body as { error: { details: Problem[] } }).error.details;
  };

  it('are shown as a graph with what would be installed, dependencies first', async () => {
    expect(await tenant.viewer.get(`${at('top')}/dependencies`)).toMatchObject({
      status: 200,
      body: {
        pluginId: 'top',
        version: '1.0.0',
        resolvable: true,
        nodes: [
          { pluginId: 'core', version: '1.5.0', requiredBy: ['middle', 'top'], alreadyInstalled: false },
          { pluginId: 'middle', version: '1.0.0', requiredBy: ['top'] },
          { pluginId: 'top', version: '1.0.0', requiredBy: [] },
        ],
        edges: expect.arrayContaining([
          { from: 'top', to: 'core', versionConstraint: '>=1.0.0,<2.0.0', required: true },
          { from: 'middle', to: 'core', versionConstraint: '^1.0.0', required: true },
        ]),
        problems: [],
      },
    });
    expect(await validate('top')).toMatchObject({
      status: 200,
      body: { valid: true, tenantId: null, environment: null, install: [{}, {}, { pluginId: 'top' }] },
    });
  });

  it.each<[kind: string, version: Record<string, unknown>, chain: object[], message: string]>([
    [
      'missing',
      needs(['not-there', '^1.0.0']),
      [
        { id: 'case', version: '1.0.0' },
        { id: 'not-there', constraint: '^1.0.0' },
      ],
      'not-there is not registered',
    ],
    [
      'conflicting',
      needs(['middle', '*'], ['modern', '*']),
      [{ id: 'case', version: '1.0.0' }, { id: 'modern' }, { id: 'core', constraint: '^2.0.0' }],
      'none satisfies both',
    ],
    [
      'circular',
      needs(['circle', '*']),
      [{ id: 'case' }, { id: 'circle' }, { id: 'circle-back' }, { id: 'circle' }],
      'is a circle',
    ],
    [
      'runtime',
      { dependencies: [{ dependencyId: 'DotNet8', type: 'Runtime', versionConstraint: '>=9.0.0' }] },
      [
        { id: 'case', version: '1.0.0' },
        { id: 'DotNet8', constraint: '>=9.0.0' },
      ],
      'the platform offers DotNet8 8.0.11',
    ],
  ])('that are %s are told with the chain and what would solve it', async (kind, version, chain, message) => {
    const pluginId = `case-${kind}`;
    if (kind === 'circular') {
      await register(developer, 'circle', {}, needs(['circle-back', '*']));
      await register(developer, 'circle-back', {}, needs(['circle', '*']));
    }
    await register(developer, pluginId, {}, version);
    const [problem, ...others] = await problemsOf(pluginId);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      kind,
      message: expect.stringContaining(message),
      solution: expect.stringMatching(/^[A-Z].{10,}\.$/),
      field: expect.stringContaining(`${pluginId}@1.0.0 `),
    });
    expect(problem?.chain).toMatchObject(
      chain.map((link) => ('id' in link && link.id === 'case' ? { ...link, id: pluginId } : link)),
    );
    const graph = await tenant.viewer.get(`${at(pluginId)}/dependencies`);
    expect(graph).toMatchObject({
      status: 200,
      body: { resolvable: false, nodes: [], problems: [{ kind, chain: problem?.chain }] },
    });
  });

  it('take no version that was archived or recalled, nor any of a plugin that is archived', async () => {
    await register(developer, 'base-of');
    await addVersion(developer, 'base-of', '1.1.0');
    await register(developer, 'on-base', {}, needs(['base-of', '^1.0.0']));
    await developer.post(`${at('base-of', '1.1.0')}/recall`, { reason: 'No' });
    expect(await validate('on-base')).toMatchObject({ body: { install: [{ version: '1.0.0' }, {}] } });
    await developer.post(`${plugins}/base-of/archive`);
    expect(await problemsOf('on-base')).toMatchObject([
      { kind: 'missing', message: expect.stringContaining('none that may be installed') },
    ]);
    await developer.post(`${plugins}/base-of/reinstate`);
    await developer.post(`${at('base-of')}/deprecate`, { message: 'Old' });
    expect(await validate('on-base')).toMatchObject({
      status: 200,
      body: { warnings: [expect.stringContaining('base-of')] },
    });
  });

  describe('beside what a tenant has installed', () => {
    it('keep to what is installed in that environment, and no other', async () => {
      await runs(tenant, 'core', '1.0.0');
      expect(await validate('middle', inTenant)).toMatchObject({
        status: 200,
        body: {
          ...inTenant,
          environment: 'Production',
          install: [
            { pluginId: 'core', version: '1.0.0', alreadyInstalled: true },
            { pluginId: 'middle', alreadyInstalled: false },
          ],
        },
      });
      expect(await problemsOf('modern', inTenant)).toMatchObject([
        { kind: 'conflicting', message: expect.stringContaining('core 1.0.0 is installed') },
      ]);
      expect(await validate('modern', { ...inTenant, environment: 'Staging' })).toMatchObject({
        status: 200,
        body: {
          environment: 'Staging',
          install: [{ pluginId: 'core', version: '2.0.0', replaces: null }, {}],
        },
      });
    });

    it('may move what is installed when that is said, not past what else needs it', async () => {
      const moving = { ...inTenant, upgradeInstalled: true };
      expect(await validate('modern', moving)).toMatchObject({
        status: 200,
        body: { install: [{ pluginId: 'core', version: '2.0.0', replaces: '1.0.0' }, {}] },
      });
      await runs(tenant, 'middle', '1.0.0');
      expect(await problemsOf('modern', moving)).toMatchObject([
        { kind: 'conflicting', solution: expect.stringMatching(/middle/) },
      ]);
      await runs(tenant, 'middle', null);
    });

    it('are shown to its own people only: for others it is a tenant that there is not', async () => {
      await runs(other, 'core', '2.0.0');
      for (const who of [tenant.tenantAdmin, tenant.user, tenant.viewer, developer]) {
        const [foreign, missing] = await Promise.all(
          ['tenant-two', 'tenant-nil'].map((tenantId) => validate('middle', { tenantId }, who)),
        );
        expect(foreign?.status).toBe(404);
        const plain = (text = '') =>
          text.replaceAll(/tenant-(two|nil)/g, '').replaceAll(/"(traceId|timestamp)":"[^"]*"/g, '');
        expect(plain(foreign?.text)).toBe(plain(missing?.text));
      }
      expect(await problemsOf('middle', { tenantId: 'tenant-two' }, platform.admin)).toHaveLength(1);
      expect(await validate('middle', { tenantId: 'tenant-nil' }, platform.admin)).toMatchObject({
        status: 404,
      });
    });

    it('name an environment only together with a tenant', async () => {
      expect(await validate('middle', { environment: 'Staging' })).toMatchObject({
        status: 400,
        body: { error: { code: 'VALIDATION_ERROR', details: [{ field: 'tenantId' }] } },
      });
    });

    it('are of its allowed categories', async () => {
      const picky = await aTenant(platform, 'picky-one', { allowedCategories: ['Reporting'] });
      await register(developer, 'reports', { category: 'Reporting' }, needs(['core', '*']));
      const mine = { tenantId: picky.tenantId };
      await eventually(async () =>
        expect(await validate('reports', mine, picky.viewer)).toMatchObject({ status: 400 }),
      );
      expect(await problemsOf('reports', mine, picky.viewer)).toMatchObject([
        {
          kind: 'category',
          chain: [{ id: 'core', version: '2.0.0' }],
          message: expect.stringContaining('"Testing"'),
          solution: expect.stringContaining('Allow'),
        },
      ]);
      await runs(picky, 'core', '2.0.0');
      expect(await validate('reports', mine, picky.viewer)).toMatchObject({ status: 200 });
    });

    it('are signed where it demands that, but for what it has already', async () => {
      const strict = await aTenant(platform, 'strict-one');
      const policy = `/api/v1/tenants/${strict.tenantId}/artifact-policy`;
      const mine = { tenantId: strict.tenantId };
      await runs(strict, 'core', '1.5.0');
      expect(await strict.tenantAdmin.put(policy, { requireSignedVersions: true })).toMatchObject({
        status: 200,
      });
      await eventually(async () =>
        expect(await validate('middle', mine, strict.viewer)).toMatchObject({ status: 400 }),
      );
      expect(await problemsOf('middle', mine, strict.viewer)).toMatchObject([
        {
          kind: 'unsigned',
          chain: [{ id: 'middle', version: '1.0.0' }],
          solution: expect.stringContaining('/signature'),
        },
      ]);
      await strict.tenantAdmin.put(policy, { requireSignedVersions: false });
      await eventually(async () =>
        expect(await validate('middle', mine, strict.viewer)).toMatchObject({ status: 200 }),
      );
    });
  });
});
