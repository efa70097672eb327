import { eventually } from '@switchyard/testing';
import { answering, deploy, publish } from '../e2e/deployments/a-deployable.js';
import { addVersion, aPlugin, mustAnswer, upload } from '../e2e/registry/a-plugin.js';
import type { Answer, Client } from '../support/client.js';
import { packPlugin } from '../support/plugin-archive.js';
import { shapeProblems } from '../support/shape.js';
import { startPlatform, type RunningPlatform } from '../support/start-platform.js';
import { password } from '../support/world.js';

const tenantId = 'tenant-acme-corp';
const time = '2025-11-23T12:00:00Z';

/** The document's request, word for word. */
const deployment = {
  pluginId: 'payment-stripe',
  pluginVersion: '2.0.0',
  tenantId,
  environment: 'Production',
  strategy: 'Canary',
  strategyConfig: { canaryPercentage: '10', stages: '10,30,50,100', stageInterval: '300' },
  configuration: {
    apiKey: '${secret:stripe-api-key}',
    webhookUrl: 'https://acme.com/stripe/webhook',
  },
  healthCheck: {
    type: 'HttpEndpoint',
    httpEndpoint: '/health',
    intervalSeconds: 30,
    failureThreshold: 3,
  },
  totalInstances: 10,
};

/** Not of .NET, but started by a runner from the configuration as that would be. */
const server = `
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
const { settings } = JSON.parse(readFileSync(Number(process.env.SWITCHYARD_CONFIG_FD), 'utf8'));
createServer((req, res) => {
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ path: req.url, key: settings.apiKey ?? null }));
}).listen(process.env.SWITCHYARD_SOCKET);
`;

const packed = (version: string) =>
  packPlugin({
    'switchyard.json': JSON.stringify({ entryPoint: 'server.mjs' }),
    'server.mjs': server + `// ${version}\n`,
  });

const aDotNetVersion = {
  runtime: { type: 'DotNet8', version: '8.0' },
  resources: { minCpu: 0.2, maxCpu: 1.0, minMemoryMB: 256, maxMemoryMB: 1024 },
  dependencies: [
    { dependencyId: 'core-payments', type: 'Plugin', versionConstraint: '>=1.0.0,<2.0.0', required: true },
  ],
};

async function publishDotNet(admin: Client, version: string, isFirst: boolean): Promise<void> {
  const { bytes, checksum } = await packed(version);
  const about = { ...aDotNetVersion, checksum, binaryUrl: `s3://plugins/payment-stripe-${version}.dll` };
  if (isFirst)
    await mustAnswer(
      admin.post('/api/v1/plugins', aPlugin('payment-stripe', {}, { semanticVersion: version, ...about })),
      201,
    );
  else await addVersion(admin, 'payment-stripe', version, about);
  const { status } = await upload(admin, 'payment-stripe', version, bytes);
  expect([200, 201]).toContain(status);
}

/** With the limits as they are by default, which each look counts against. */
const defaults = { RATE_LIMIT_READS: '60', RATE_LIMIT_WRITES: '10', RATE_LIMIT_SIGN_INS: '60' };
const seldom = 1_500;

describe('seed 004: deployments and health', () => {
  let platform: RunningPlatform;
  let tenantAdmin: Client;
  let others: Record<'PluginDeveloper' | 'TenantUser' | 'Viewer', Client>;
  let first: string;
  let accepted: Answer;
  let id: string;

  const looked = async (deploymentId: string) =>
    (await platform.admin.get(`/api/v1/plugin-deployments/${deploymentId}`)).body;
  const becomes = (deploymentId: string, what: object) =>
    eventually(async () => expect(await looked(deploymentId)).toMatchObject(what), 60_000, seldom);

  beforeAll(async () => {
    platform = await startPlatform({ ...defaults, RUNNERS: `DotNet8=${process.execPath} {entry}` });
    const { admin, signIn } = platform;
    await mustAnswer(
      admin.post('/api/v1/tenants', {
        tenantId,
        name: 'Acme Corporation',
        rateLimits: { maxRequestsPerMinute: 1_000_000 },
      }),
      201,
    );
    const person = async (username: string, role: string) => {
      const of = role === 'PluginDeveloper' ? {} : { tenantId };
      await mustAnswer(admin.post('/api/v1/users', { username, password, role, ...of }), 201);
      return await signIn(username, password);
    };
    tenantAdmin = await person('admin@acme.com', 'TenantAdmin');
    others = {
      PluginDeveloper: await person('developer', 'PluginDeveloper'),
      TenantUser: await person('user', 'TenantUser'),
      Viewer: await person('viewer', 'Viewer'),
    };
    await mustAnswer(
      tenantAdmin.put(`/api/v1/tenants/${tenantId}/secrets/stripe-api-key`, { value: 'sk_live_acme' }),
      200,
      201,
      204,
    );
    await publish(admin, 'core-payments', '1.0.0', answering('core'));
    await publishDotNet(admin, '1.0.0', true);
    await publishDotNet(admin, '2.0.0', false);
    const core = await deploy(tenantAdmin, {
      pluginId: 'core-payments',
      pluginVersion: '1.0.0',
      strategy: 'Direct',
    });
    await becomes(core, { status: 'Completed' });
    first = await deploy(tenantAdmin, {
      pluginId: 'payment-stripe',
      pluginVersion: '1.0.0',
      strategy: 'Direct',
    });
    await becomes(first, { status: 'Completed' });
    accepted = await tenantAdmin.post('/api/v1/plugin-deployments', deployment);
    id = (accepted.body as { deploymentId: string }).deploymentId;
  });
  afterAll(() => platform.stop());

  it('accepts the deployment of the document, and answers as it shows', () => {
    expect(accepted).toMatchObject({
      status: 202,
      body: {
        pluginId: 'payment-stripe',
        pluginVersion: '2.0.0',
        tenantId,
        status: 'Pending',
        strategy: 'Canary',
        progress: 0,
      },
    });
    expect(accepted.headers.get('x-ratelimit-limit')).toBe('10');
    expect(shapeProblems({ deploymentId: 'dep-xyz789', startedAt: time }, accepted.body)).toEqual([]);
    expect(id).toMatch(/^dep-/);
  });

  it('tells the status while it moves, as the document shows', async () => {
    await becomes(id, { status: 'InProgress', weight: 10 });
    const answer = await tenantAdmin.get(`/api/v1/plugin-deployments/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-ratelimit-limit')).toBe('60');
    expect(
      shapeProblems(
        {
          deploymentId: 'dep-xyz789',
          pluginId: 'payment-stripe',
          pluginVersion: '2.0.0',
          tenantId,
          environment: 'Production',
          strategy: 'Canary',
          status: 'InProgress',
          progress: 50,
          totalInstances: 10,
          healthyInstances: 5,
          unhealthyInstances: 0,
          deployedBy: 'admin@acme.com',
          startedAt: time,
          estimatedCompletionAt: time,
        },
        answer.body,
      ),
    ).toEqual([]);
    expect(answer.body).toMatchObject({
      progress: 10,
      totalInstances: 10,
      unhealthyInstances: 0,
      deployedBy: 'admin@acme.com',
    });
  });

  it('lists deployments by every filter of the document', async () => {
    const listed = async (query: string) => {
      const { status, body, headers } = await tenantAdmin.get(`/api/v1/plugin-deployments?${query}`);
      expect([status, headers.get('x-ratelimit-limit')]).toEqual([200, '60']);
      return body as { deployments: { deploymentId: string }[]; total: number };
    };
    const completed = await listed(`tenantId=${tenantId}&status=Completed`);
    expect(completed.total).toBe(2);
    expect(
      shapeProblems(
        {
          deployments: [
            {
              deploymentId: 'dep-xyz789',
              pluginId: 'payment-stripe',
              pluginVersion: '2.0.0',
              tenantId,
              status: 'Completed',
              startedAt: time,
              completedAt: time,
            },
          ],
          total: 15,
        },
        completed,
      ),
    ).toEqual([]);
    expect((await listed('pluginId=payment-stripe')).deployments.map((each) => each.deploymentId)).toEqual([
      id,
      first,
    ]);
    expect(await listed('environment=Staging')).toMatchObject({ deployments: [], total: 0 });
    expect(await listed('tenantId=somebody-else')).toMatchObject({ deployments: [], total: 0 });
    expect(await tenantAdmin.get('/api/v1/plugin-deployments?status=Finished')).toMatchObject({
      status: 400,
      body: { error: { code: 'VALIDATION_ERROR' } },
    });
  });

  it('gives the secret to the instance and to nobody else', async () => {
    const { body } = await tenantAdmin.get('/app/payment-stripe/anything');
    expect(body).toMatchObject({ path: '/anything' });
    await mustAnswer(tenantAdmin.post(`/api/v1/plugin-deployments/${id}/promote`, { full: true }), 202);
    await becomes(id, { status: 'Completed', progress: 100, healthyInstances: 10 });
    expect((await tenantAdmin.get('/app/payment-stripe/anything')).body).toMatchObject({
      key: 'sk_live_acme',
    });
    expect(JSON.stringify(await looked(id))).not.toContain('sk_live_acme');
  });

  it('tells health as the document shows', async () => {
    const health = () => tenantAdmin.get(`/api/v1/plugin-deployments/${id}/health`);
    const documented = {
      deploymentId: 'dep-xyz789',
      status: 'Healthy',
      totalInstances: 10,
      healthyInstances: 10,
      unhealthyInstances: 0,
      metrics: {
        avgResponseTime: 45.2,
        errorRate: 0.001,
        cpuUsage: 35.4,
        memoryUsage: 52.1,
        requestsPerSecond: 120.5,
      },
      lastHealthCheck: time,
    };
    await eventually(
      async () => {
        await tenantAdmin.get('/app/payment-stripe/anything');
        const answer = await health();
        const problems = shapeProblems(documented, answer.body);
        expect([answer.status, answer.headers.get('x-ratelimit-limit'), problems]).toEqual([200, '60', []]);
      },
      45_000,
      seldom,
    );
    expect((await health()).body).toMatchObject({
      status: 'Healthy',
      totalInstances: 10,
      healthyInstances: 10,
      unhealthyInstances: 0,
      metrics: { errorRate: 0 },
    });
  });

  it('tells the history of health as the document shows, and refuses a window that is none', async () => {
    const history = (window: string) =>
      tenantAdmin.get(`/api/v1/plugin-deployments/${id}/health/history?window=${window}`);
    const answer = await history('PT24H');
    expect([answer.status, answer.headers.get('x-ratelimit-limit')]).toEqual([200, '60']);
    const { dataPoints, ...rest } = answer.body as { dataPoints: unknown[] };
    expect(rest).toMatchObject({ deploymentId: id, window: 'PT24H' });
    expect(
      shapeProblems(
        { timestamp: time, healthyInstances: 10, avgResponseTime: 42.1, errorRate: 0.0005 },
        dataPoints.at(-1),
      ),
    ).toEqual([]);
    expect(await history('24h')).toMatchObject({
      status: 400,
      body: { error: { code: 'VALIDATION_ERROR', details: [{ field: 'window' }] } },
    });
  });

  it.each(['PluginDeveloper', 'TenantUser', 'Viewer'] as const)(
    'lets no %s deploy, look, list, go back or see health',
    async (role) => {
      const client = others[role];
      const asked = [
        client.post('/api/v1/plugin-deployments', deployment),
        client.get('/api/v1/plugin-deployments'),
        client.get(`/api/v1/plugin-deployments/${id}`),
        client.post(`/api/v1/plugin-deployments/${id}/rollback`, { reason: 'no' }),
        client.get(`/api/v1/plugin-deployments/${id}/health`),
        client.get(`/api/v1/plugin-deployments/${id}/health/history`),
      ];
      for (const { status, body } of await Promise.all(asked))
        expect([status, body]).toEqual([403, expect.objectContaining({})]);
    },
  );

  it('rolls back as the document shows', async () => {
    const reason = 'High error rate detected';
    const answer = await tenantAdmin.post(`/api/v1/plugin-deployments/${id}/rollback`, { reason });
    expect(answer).toMatchObject({
      status: 202,
      body: { deploymentId: id, status: 'RolledBack', previousDeploymentId: first },
    });
    expect(answer.headers.get('x-ratelimit-limit')).toBe('10');
    expect(shapeProblems({ rolledBackAt: time }, answer.body)).toEqual([]);
    expect(await looked(id)).toMatchObject({
      status: 'RolledBack',
      reason: expect.stringContaining(reason) as string,
    });
    const { rollbackDeploymentId } = answer.body as { rollbackDeploymentId: string };
    await becomes(rollbackDeploymentId, { status: 'Completed', pluginVersion: '1.0.0' });
  });

  it('keeps the plugin while it is deployed', async () => {
    expect(await platform.admin.delete('/api/v1/plugins/payment-stripe')).toMatchObject({
      status: 409,
      body: { error: { code: 'CONFLICT' } },
    });
  });

  it('knows no deployment of the id that the document shows', async () => {
    expect(await tenantAdmin.get('/api/v1/plugin-deployments/dep-xyz789')).toMatchObject({
      status: 404,
      body: { error: { code: 'NOT_FOUND' } },
    });
  });
});
