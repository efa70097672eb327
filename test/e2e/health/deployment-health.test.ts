import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  deployedSetsFeed,
  installationKey,
  routeEndpointsFeed,
  routePolicyFeed,
  type DeployedSetInput,
  type RouteEndpointsInput,
  type RoutePolicyInput,
} from '@switchyard/contracts';
import { feedPut } from '@switchyard/events';
import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';

const installation = { tenantId: 'acme-corp', environment: 'Production', pluginId: 'core-payments' } as const;
const [setId, deploymentId] = ['set-1', 'dep-xyz789'];
const password = 'a password for the tests';
const health = `/api/v1/plugin-deployments/${deploymentId}/health`;

/** The whole platform, with the deployments service's part written as it writes it. */
describe('the health of a deployment, through the gateway', () => {
  let platform: RunningPlatform;
  let tenantAdmin: Client;
  let stranger: Client;
  let plugin: Server;
  let folder: string;
  let status = 200;

  beforeAll(async () => {
    platform = await startPlatform();
    const { admin } = platform;
    for (const tenantId of [installation.tenantId, 'somebody-else']) {
      await admin.post('/api/v1/tenants', { tenantId, name: tenantId });
      await admin.post('/api/v1/users', {
        username: `of-${tenantId}`,
        password,
        role: 'TenantAdmin',
        tenantId,
      });
    }
    tenantAdmin = await platform.signIn('of-acme-corp', password);
    stranger = await platform.signIn('of-somebody-else', password);
    folder = await mkdtemp(join(tmpdir(), 'sy-e2e-health-'));
    const socketPath = join(folder, 'plugin.sock');
    plugin = createServer((_request, response) => {
      response.statusCode = status;
      response.end('done');
    });
    await new Promise<void>((resolve) => plugin.listen(socketPath, resolve));
    const instance = { instanceId: 'instance-1', address: { socketPath }, ready: true };
    await platform.database.open('deployments', 2).withTenant(installation.tenantId, async (tx) => {
      await feedPut(tx, deployedSetsFeed, setId, {
        ...installation,
        setId,
        deploymentId,
        version: '2.0.0',
        resources: { maxCpu: 1, maxMemoryMB: 512 },
        healthCheck: {
          type: 'HttpEndpoint',
          httpEndpoint: '/health',
          intervalSeconds: 5,
          failureThreshold: 1,
        },
        moving: true,
        instances: [{ ...instance, state: 'Ready', usage: { cpu: 0.25, memoryMB: 128 } }],
      } satisfies DeployedSetInput);
      await feedPut(tx, routeEndpointsFeed, setId, { instances: [instance] } satisfies RouteEndpointsInput);
      await feedPut(tx, routePolicyFeed, installationKey(installation), {
        ...installation,
        slots: { candidate: { setId, deploymentId, weight: 100 } },
        retry: { attempts: 0 },
        ejection: { consecutiveFailures: 1_000 },
      } satisfies RoutePolicyInput);
    });
  });
  afterAll(async () => {
    await platform.stop();
    plugin.closeAllConnections();
    await new Promise((resolve) => plugin.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });

  const requests = async (count: number) => {
    for (let at = 0; at < count; at += 1)
      expect((await tenantAdmin.get('/app/core-payments/orders')).status).toBe(status);
  };

  it('is of its instances and of the requests that went through', async () => {
    await eventually(async () => {
      expect((await tenantAdmin.get('/app/core-payments/orders')).status).toBe(200);
      expect(await tenantAdmin.get(health)).toMatchObject({ body: { status: 'Healthy' } });
    });
    await requests(30);
    await eventually(async () => {
      const { body } = await tenantAdmin.get(health);
      expect(body).toMatchObject({
        deploymentId,
        status: 'Healthy',
        totalInstances: 1,
        healthyInstances: 1,
        unhealthyInstances: 0,
        metrics: { errorRate: 0, cpuUsage: 25, memoryUsage: 25 },
        lastHealthCheck: expect.any(String),
      });
      const { metrics } = body as { metrics: { requestsPerSecond: number; avgResponseTime: number } };
      expect(metrics.requestsPerSecond).toBeGreaterThanOrEqual(0.5);
      expect(metrics.avgResponseTime).toBeGreaterThan(0);
    });
  });

  it('has a history', async () => {
    const { status, body } = await tenantAdmin.get(`${health}/history?window=PT24H`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ deploymentId, window: 'PT24H' });
    const { dataPoints } = body as { dataPoints: { requests: number; timestamp: string }[] };
    expect(dataPoints.at(-1)).toMatchObject({ healthyInstances: 1, errorRate: 0 });
    expect(dataPoints.reduce((sum, point) => sum + point.requests, 0)).toBeGreaterThanOrEqual(30);
  });

  it('is nothing to another tenant, and open to the administrator of the platform', async () => {
    for (const path of [health, `${health}/history`]) {
      expect(await stranger.get(path)).toMatchObject({ status: 404 });
      expect(await platform.admin.get(path)).toMatchObject({ status: 200 });
    }
  });

  it('gets bad with its requests, and says why', async () => {
    status = 500;
    await requests(20);
    await eventually(async () =>
      expect(await tenantAdmin.get(health)).toMatchObject({ body: { status: 'Unhealthy' } }),
    );
  });

  it('has no door for samples that the world could use', async () => {
    for (const path of ['/internal/samples', '/api/v1/internal/samples', '/api/v1/../../internal/samples'])
      expect((await platform.admin.post(path, {})).status).toBe(404);
  });
});
