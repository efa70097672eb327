import type { DeployedSet, DeploymentHealth } from '@switchyard/contracts';
import { usageOf } from '../history/usage-of.js';
import type { StoredCheck } from '../probes/check.store.js';
import type { StoredSet } from '../sets/stored-set.js';
import { judgeSet } from '../verdicts/judge-set.js';
import { trafficOfLastMinute, windowMs } from '../verdicts/traffic-window.js';

export interface HealthParts {
  deploymentId: string;
  set: StoredSet;
  /** As the feed tells it at this moment, with what instances use; undefined when the set is gone. */
  deployed: DeployedSet | undefined;
  checks: ReadonlyMap<string, StoredCheck>;
  now: number;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
const told = (at: number | undefined): string | null =>
  at === undefined ? null : new Date(at).toISOString();

/** What is answered about a deployment, judged at the moment it is asked. */
export function healthView({ deploymentId, set, deployed, checks, now }: HealthParts): DeploymentHealth {
  const traffic = trafficOfLastMinute(set.recent, now);
  const judged = judgeSet(set.instances, checks, traffic, set.healthCheck);
  const usage = deployed && usageOf(deployed);
  const lastCheck = Math.max(...[...checks.values()].map(({ checkedAt }) => checkedAt));
  const { requests, errors, timed, latencySumMs } = traffic;
  return {
    deploymentId,
    status: judged.verdict,
    reason: set.goneAt === null ? judged.reason : 'its instances are gone',
    totalInstances: judged.total,
    healthyInstances: judged.healthy,
    unhealthyInstances: judged.unhealthy,
    metrics: {
      avgResponseTime: timed === 0 ? null : rounded(latencySumMs / timed, 1),
      errorRate: requests === 0 ? null : rounded(errors / requests, 6),
      cpuUsage: usage ? rounded(usage.cpuPercent, 1) : null,
      memoryUsage: usage ? rounded(usage.memoryPercent, 1) : null,
      requestsPerSecond: requests === 0 ? null : rounded(requests / (windowMs / 1000), 2),
    },
    lastHealthCheck: told(Number.isFinite(lastCheck) ? lastCheck : undefined),
    instances: judged.instances.map(({ instanceId, verdict, reason }) => ({
      instanceId,
      status: verdict,
      reason,
      consecutiveFailedChecks: checks.get(instanceId)?.failures ?? 0,
      checkedAt: told(checks.get(instanceId)?.checkedAt),
    })),
  };
}
