import type { DeployedSet } from '@switchyard/contracts';

export interface UsagePercent {
  cpuPercent: number;
  memoryPercent: number;
}

/** What its instances use on average, in percent of what the version may; undefined when nothing is known. */
export function usageOf({ instances, resources }: DeployedSet): UsagePercent | undefined {
  const known = instances.flatMap(({ usage }) => (usage ? [usage] : []));
  if (known.length === 0) return undefined;
  const average = (of: (usage: (typeof known)[number]) => number) =>
    known.reduce((sum, usage) => sum + of(usage), 0) / known.length;
  return {
    cpuPercent: (average(({ cpu }) => cpu) / resources.maxCpu) * 100,
    memoryPercent: (average(({ memoryMB }) => memoryMB) / resources.maxMemoryMB) * 100,
  };
}
