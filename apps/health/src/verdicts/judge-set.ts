import type { DeployedInstance, HealthCheck, HealthStatus } from '@switchyard/contracts';
import type { CheckState } from './after-check.js';
import { judgeTraffic } from './judge-traffic.js';
import { setVerdict, type InstancesSeen } from './set-verdict.js';
import type { TrafficCounts } from './traffic-window.js';

/** What a verdict needs to know of an instance. */
export interface SeenInstance extends Pick<DeployedInstance, 'instanceId' | 'ready' | 'state' | 'reason'> {
  /** Whether anything checks it; what nothing checks is judged by its state. */
  checked: boolean;
}

export interface JudgedInstance {
  instanceId: string;
  verdict: HealthStatus;
  reason: string | null;
}

export interface SetJudgement {
  verdict: HealthStatus;
  reason: string;
  instances: JudgedInstance[];
  healthy: number;
  unhealthy: number;
  total: number;
}

function judgeInstance(instance: SeenInstance, check: CheckState | undefined): JudgedInstance {
  const as = (verdict: HealthStatus, reason: string | null): JudgedInstance => ({
    instanceId: instance.instanceId,
    verdict,
    reason,
  });
  if (instance.state === 'Crashed') return as('Unhealthy', instance.reason ?? 'it crashed');
  if (check?.verdict === 'Unhealthy') return as('Unhealthy', check.reason);
  if (!instance.ready) return as('Unknown', instance.reason ?? 'it is not ready yet');
  if (check) return as(check.verdict, check.reason);
  return instance.checked ? as('Unknown', 'it was not checked yet') : as('Healthy', null);
}

function seenOf(total: number, healthy: number, unhealthy: number): InstancesSeen {
  if (total === 0) return 'none';
  if (unhealthy > 0) return healthy > 0 ? 'someIll' : 'allIll';
  return healthy > 0 ? 'allWell' : 'notJudged';
}

/** How a set is, by its instances and by the last minute's requests, and why. */
export function judgeSet(
  seen: readonly SeenInstance[],
  checks: ReadonlyMap<string, CheckState>,
  traffic: TrafficCounts,
  healthCheck: HealthCheck | null,
): SetJudgement {
  const instances = seen
    .filter(({ state }) => state !== 'Stopping')
    .map((instance) => judgeInstance(instance, checks.get(instance.instanceId)));
  const count = (wanted: HealthStatus) => instances.filter(({ verdict }) => verdict === wanted).length;
  const [total, healthy, unhealthy] = [instances.length, count('Healthy'), count('Unhealthy')];
  const requests = judgeTraffic(traffic, healthCheck);
  const kind = seenOf(total, healthy, unhealthy);
  const verdict = setVerdict[kind][requests.seen];
  const byRequests = verdict !== setVerdict[kind].none;
  return {
    verdict,
    reason: byRequests ? requests.reason : instancesReason(instances, healthy, unhealthy),
    instances,
    healthy,
    unhealthy,
    total,
  };
}

function instancesReason(instances: readonly JudgedInstance[], healthy: number, unhealthy: number): string {
  const total = instances.length;
  if (total === 0) return 'there are no instances';
  if (unhealthy === 0) return `${healthy} of ${total} instances are healthy`;
  const why = instances.find(({ verdict }) => verdict === 'Unhealthy')?.reason;
  return `${unhealthy} of ${total} instances are unhealthy${why ? `: ${why}` : ''}`;
}
