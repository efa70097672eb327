import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { password } from '../../support/world.js';
import { mustAnswer } from '../registry/a-plugin.js';
import { answering, deploy, publish } from './a-deployable.js';

const tenantId = 'acme-corp';
const at = `/api/v1/tenants/${tenantId}`;

describe('deploying what needs something else, through the gateway', () => {
  let platform: RunningPlatform;
  let tenantAdmin: Client;

  beforeAll(async () => {
    platform = await startPlatform();
    const { admin, signIn } = platform;
    const rateLimits = { maxRequestsPerMinute: 1_000_000, maxDeploymentsPerHour: 1_000 };
    await mustAnswer(admin.post('/api/v1/tenants', { tenantId, name: 'Acme', rateLimits }), 201);
    await mustAnswer(
      admin.post('/api/v1/users', { username: 'ada', password, role: 'TenantAdmin', tenantId }),
      201,
    );
    tenantAdmin = await signIn('ada', password);
    await publish(admin, 'store', '1.0.0', answering('store'));
    await publish(admin, 'shop', '1.0.0', answering('shop'), {
      dependencies: [{ dependencyId: 'store', versionConstraint: '^1.0.0' }],
      configurationSchema: {
        type: 'object',
        properties: { currency: { type: 'string', enum: ['EUR', 'USD'] } },
        required: ['currency'],
      },
    });
  });
  afterAll(() => platform.stop());

  const shop = {
    pluginId: 'shop',
    pluginVersion: '1.0.0',
    strategy: 'Direct',
    configuration: { currency: 'EUR' },
  };
  const read = async (id: string) => (await tenantAdmin.get(`/api/v1/plugin-deployments/${id}`)).body;

  it('is refused with what is missing and with every setting that is wrong, and a plan says both at once', async () => {
    expect(await tenantAdmin.post('/api/v1/plugin-deployments', shop)).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'DEPENDENCY_CONFLICT',
          details: [{ field: 'shop@1.0.0 -> store ^1.0.0', kind: 'missing' }],
        },
      },
    });
    const { body } = await mustAnswer(
      tenantAdmin.post('/api/v1/plugin-deployments/plan', { ...shop, configuration: { currency: 'GBP' } }),
      200,
    );
    expect(body).toMatchObject({
      deployable: false,
      problems: [
        { code: 'DEPENDENCY_CONFLICT' },
        {
          code: 'VALIDATION_ERROR',
          field: 'configuration.currency',
          message: 'must be one of ["EUR","USD"]',
        },
      ],
    });
    const withDependencies = { ...shop, installDependencies: true };
    expect(
      await tenantAdmin.post('/api/v1/plugin-deployments', {
        ...withDependencies,
        configuration: { currency: 'GBP' },
      }),
    ).toMatchObject({
      status: 400,
      body: { error: { code: 'VALIDATION_ERROR', details: [{ field: 'configuration.currency' }] } },
    });
    expect((await tenantAdmin.get('/api/v1/plugin-deployments')).body).toMatchObject({ total: 0 });
    expect((await tenantAdmin.post('/api/v1/plugin-deployments/plan', withDependencies)).body).toMatchObject({
      deployable: true,
      dependencies: [{ pluginId: 'store', pluginVersion: '1.0.0' }],
      enforcement: { runner: 'NodeJs' },
      quotas: expect.arrayContaining([{ quota: 'maxInstances', limit: 20, used: 0, needed: 2 }]) as unknown,
    });
  });

  it('runs when what it needs was installed first', async () => {
    const id = await deploy(tenantAdmin, { ...shop, installDependencies: true });
    await eventually(async () => expect(await read(id)).toMatchObject({ status: 'Completed' }), 30_000);
    for (const plugin of ['store', 'shop'])
      expect((await tenantAdmin.get(`/app/${plugin}/hello`)).body).toMatchObject({ text: plugin });
    expect((await tenantAdmin.get(`${at}/dependency-graph`)).body).toMatchObject({
      environment: 'Production',
      nodes: [{ pluginId: 'shop' }, { pluginId: 'store' }],
      edges: [{ from: 'shop', to: 'store', versionConstraint: '^1.0.0', satisfied: true }],
    });
    expect(
      (
        await tenantAdmin.post('/api/v1/plugin-deployments/validate-dependencies', {
          pluginId: 'shop',
          pluginVersion: '1.0.0',
        })
      ).body,
    ).toMatchObject({ valid: true, install: [{ pluginId: 'store', alreadyInstalled: true }, {}] });
  });

  it('counts where it is installed, and is not deleted while it is', async () => {
    const { admin } = platform;
    await eventually(async () =>
      expect((await admin.get('/api/v1/marketplace/plugins/shop')).body).toMatchObject({
        installationCount: 1,
      }),
    );
    expect(await admin.delete('/api/v1/plugins/shop')).toMatchObject({
      status: 409,
      body: { error: { code: 'CONFLICT', message: expect.stringContaining('"shop" is') as string } },
    });
  });

  it('is in the way of taking out what it needs, unless that is forced', async () => {
    expect(await tenantAdmin.delete(`${at}/plugins/store`)).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('"store" is needed by shop 1.0.0') as string } },
    });
    await mustAnswer(tenantAdmin.delete(`${at}/plugins/store?force=true`), 202);
    expect((await tenantAdmin.get(`${at}/dependency-graph`)).body).toMatchObject({
      edges: [{ to: 'store', satisfied: false }],
    });
  });

  it('can be deleted once it is taken out and nothing can bring it back', async () => {
    const { admin } = platform;
    await mustAnswer(tenantAdmin.delete(`${at}/plugins/shop`), 202);
    await eventually(
      async () => expect((await admin.delete('/api/v1/plugins/shop')).status).toBeLessThan(300),
      30_000,
    );
  });
});
