import type { Quotas } from '@switchyard/contracts';
import type { Demand } from './peak-demand.js';

export interface QuotaUse extends Demand {
  readonly plugins: number;
}

export interface QuotaProblem {
  readonly quota: keyof Quotas;
  readonly limit: number;
  /** Without this deployment. */
  readonly used: number;
  readonly needed: number;
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;
const tiny = 1e-9;

/** Use and need of every quota that a deployment takes of. */
export const quotaSides = (quotas: Quotas, used: QuotaUse, needed: QuotaUse): QuotaProblem[] =>
  sidesOf(used, needed).map(([quota, use, need]) => ({
    quota,
    limit: quotas[quota],
    used: round(use),
    needed: round(need),
  }));

/** Every quota that use and need together would pass. */
export const quotaProblems = (quotas: Quotas, used: QuotaUse, needed: QuotaUse): QuotaProblem[] =>
  sidesOf(used, needed)
    .filter(([quota, use, need]) => need > 0 && use + need > quotas[quota] + tiny)
    .map(([quota, use, need]) => ({ quota, limit: quotas[quota], used: round(use), needed: round(need) }));

function sidesOf(used: QuotaUse, needed: QuotaUse): [keyof Quotas, number, number][] {
  return [
    ['maxPlugins', used.plugins, needed.plugins],
    ['maxInstances', used.instances, needed.instances],
    ['maxCpu', used.cpu, needed.cpu],
    ['maxMemoryGB', used.memoryMB / 1024, needed.memoryMB / 1024],
  ];
}
