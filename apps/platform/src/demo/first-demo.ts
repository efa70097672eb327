import { demoAdmin, demoTenant, demoUser } from './demo-accounts.js';
import { DemoClient, DemoProblem } from './demo-client.js';
import { deployDemo, followDemo } from './demo-deployment.js';
import { demoPlugin, demoVersions } from './demo-shop.js';
import { DemoTraffic } from './demo-traffic.js';
import { setUpDemo } from './set-up-demo.js';

/** On the first start: a version that runs, traffic, and a canary that takes it over; nothing if there was a demo before. */
export async function firstDemo(
  url: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const admin = await asAdmin(url, signal);
  if (!admin) return;
  const before = await admin.ask<{ total: number }>(
    'GET',
    `/api/v1/plugin-deployments?tenantId=${demoTenant.tenantId}&limit=1`,
  );
  if (before.total > 0) return;
  await setUpDemo(admin);
  const client = await DemoClient.signIn(url, demoUser, signal);
  const { good, better } = demoVersions;
  const first = await followDemo(client, await deployDemo(client, good.version, 'Direct'), signal);
  if (first.status !== 'Completed') throw new Error(first.reason ?? first.status);
  const traffic = new DemoTraffic(client);
  try {
    const canary = await deployDemo(client, better.version, 'Canary');
    say(
      `${demoPlugin.pluginId} ${good.version} answers ${url}/app/${demoPlugin.pluginId}/price; ${better.version} takes over: ${canary.deploymentId}`,
    );
    let shown = 0;
    const end = await followDemo(client, canary, signal, ({ weight, status }) => {
      if (weight === shown || status !== 'InProgress') return;
      shown = weight;
      say(`${better.version} gets ${weight} % of the traffic`);
    });
    say(end.reason ?? `${better.version}: ${end.status}`);
  } finally {
    await traffic.stop();
  }
}

/** Undefined when the account has been given another password: then it is not ours to use. */
async function asAdmin(url: string, signal: AbortSignal): Promise<DemoClient | undefined> {
  try {
    return await DemoClient.signIn(url, demoAdmin, signal);
  } catch (error) {
    if (error instanceof DemoProblem && error.status === 401) return undefined;
    throw error;
  }
}
