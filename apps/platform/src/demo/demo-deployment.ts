import { setTimeout as wait } from 'node:timers/promises';
import { demoTenant } from './demo-accounts.js';
import type { DemoClient } from './demo-client.js';
import { demoPlugin } from './demo-shop.js';

export interface DemoDeployment {
  readonly deploymentId: string;
  readonly status: string;
  readonly weight: number;
  readonly reason: string | null;
}

export const demoStages = [10, 30, 60, 100] as const;

/** As in production, except that a stage takes seconds instead of minutes. */
export const demoStageMs = 4_000;
const canary = (stageMs: number) => ({
  stages: demoStages.join(','),
  stageInterval: String(stageMs / 1000),
  minSamples: '10',
});

/** Sixty looks a minute are allowed. */
const lookEveryMs = 1_500;
const showEveryMs = 250;
const ended = new Set(['Completed', 'Failed', 'RolledBack']);

export async function deployDemo(
  client: DemoClient,
  version: string,
  strategy: 'Direct' | 'Canary',
  stageMs = demoStageMs,
): Promise<DemoDeployment> {
  return await client.ask<DemoDeployment>('POST', '/api/v1/plugin-deployments', {
    tenantId: demoTenant.tenantId,
    pluginId: demoPlugin.pluginId,
    pluginVersion: version,
    strategy,
    ...(strategy === 'Canary' ? { strategyConfig: canary(stageMs) } : {}),
  });
}

/** Looks until it has ended, and shows what was last seen as time goes by. */
export async function followDemo(
  client: DemoClient,
  { deploymentId }: DemoDeployment,
  signal: AbortSignal,
  show: (deployment: DemoDeployment) => void = () => undefined,
): Promise<DemoDeployment> {
  for (;;) {
    const seen = await client.ask<DemoDeployment>('GET', `/api/v1/plugin-deployments/${deploymentId}`);
    show(seen);
    if (ended.has(seen.status)) return seen;
    for (let waited = 0; waited < lookEveryMs; waited += showEveryMs) {
      await wait(showEveryMs, undefined, { signal });
      show(seen);
    }
  }
}
