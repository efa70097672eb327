import { demoTenant, demoUser } from './demo-accounts.js';
import { type DemoClient, DemoProblem } from './demo-client.js';
import { demoPlugin, demoVersions, packDemoVersion, type DemoVersion } from './demo-shop.js';

/** A tenant, its administrator, and a plugin of three versions; what is there already stays as it is. */
export async function setUpDemo(admin: DemoClient): Promise<void> {
  await unlessThere(
    admin.ask('POST', '/api/v1/tenants', {
      ...demoTenant,
      // Whoever repeats the demo is not to wait for the next hour.
      rateLimits: { maxDeploymentsPerHour: 1_000 },
    }),
  );
  await unlessThere(
    admin.ask('POST', '/api/v1/users', {
      ...demoUser,
      role: 'TenantAdmin',
      tenantId: demoTenant.tenantId,
    }),
  );
  const { good, better, bad } = demoVersions;
  for (const version of [good, better, bad]) await publish(admin, version);
}

async function publish(admin: DemoClient, demo: DemoVersion): Promise<void> {
  const { bytes, checksum } = await packDemoVersion(demo);
  const { pluginId } = demoPlugin;
  const version = {
    semanticVersion: demo.version,
    state: 'Stable',
    runtime: { type: 'NodeJs', version: '20' },
    resources: { minCpu: 0.05, maxCpu: 0.5, minMemoryMB: 64, maxMemoryMB: 256 },
    checksum,
  };
  const known = await isKnown(admin, pluginId);
  await (known
    ? admin.ask('POST', `/api/v1/plugins/${pluginId}/versions`, version)
    : admin.ask('POST', '/api/v1/plugins', { ...demoPlugin, version }));
  await admin.upload(`/api/v1/plugins/${pluginId}/versions/${demo.version}/artifact`, bytes);
}

async function isKnown(admin: DemoClient, pluginId: string): Promise<boolean> {
  try {
    await admin.ask('GET', `/api/v1/plugins/${pluginId}`);
    return true;
  } catch (error) {
    if (error instanceof DemoProblem && error.status === 404) return false;
    throw error;
  }
}

async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (error) {
    if (!(error instanceof DemoProblem && error.status === 409)) throw error;
  }
}
