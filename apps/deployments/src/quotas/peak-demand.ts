import { reservedPairs, type StrategyConfig } from '@switchyard/rollout';
import type { Resources } from '../orchestrators/orchestrator.js';

/** What running instances take of a tenant's quotas. */
export interface Demand {
  readonly instances: number;
  readonly cpu: number;
  readonly memoryMB: number;
}

export const nothing: Demand = { instances: 0, cpu: 0, memoryMB: 0 };

export const demandOf = (
  instances: number,
  { minCpu, minMemoryMB }: Pick<Resources, 'minCpu' | 'minMemoryMB'>,
): Demand => ({
  instances,
  cpu: instances * minCpu,
  memoryMB: instances * minMemoryMB,
});

export const sum = (a: Demand, b: Demand): Demand => ({
  instances: a.instances + b.instances,
  cpu: a.cpu + b.cpu,
  memoryMB: a.memoryMB + b.memoryMB,
});

export const most = (a: Demand, b: Demand): Demand => ({
  instances: Math.max(a.instances, b.instances),
  cpu: Math.max(a.cpu, b.cpu),
  memoryMB: Math.max(a.memoryMB, b.memoryMB),
});

export interface Shipped {
  readonly instances: number;
  readonly resources: Pick<Resources, 'minCpu' | 'minMemoryMB'>;
}

/** The most that both sets take at once in any stage: what has to be free before a deployment begins. */
export function peakDemand(config: StrategyConfig, candidate: Shipped, stable: Shipped | null): Demand {
  const sizes = { total: candidate.instances, stable: stable?.instances ?? 0 };
  return reservedPairs(config, sizes)
    .map((pair) =>
      sum(
        demandOf(pair.candidate, candidate.resources),
        stable ? demandOf(pair.stable, stable.resources) : nothing,
      ),
    )
    .reduce(most);
}
