import type { DeployedSet } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import type { PartitionLeases } from '../leases/partition-leases.js';
import type { KnownSets } from '../sets/known-sets.js';
import { noteUsage } from './bucket.store.js';
import { usageOf, type UsagePercent } from './usage-of.js';

/** Less than this many points of percent is no change. */
const leastChange = 1;

const differs = (a: UsagePercent, b: UsagePercent | undefined): boolean =>
  b === undefined ||
  Math.abs(a.cpuPercent - b.cpuPercent) >= leastChange ||
  Math.abs(a.memoryPercent - b.memoryPercent) >= leastChange;

/** Keeps in the history what sets use, when that changes. */
export class UsageNotes {
  private readonly noted = new Map<string, UsagePercent>();

  constructor(
    private readonly database: ServiceDatabase,
    private readonly known: KnownSets,
    private readonly leases: PartitionLeases,
  ) {}

  async note(now: number): Promise<void> {
    const news: (UsagePercent & Pick<DeployedSet, 'setId' | 'tenantId'>)[] = [];
    for (const setId of this.noted.keys()) if (!this.known.get(setId)) this.noted.delete(setId);
    for (const { deployed } of this.known.all()) {
      const { setId, tenantId } = deployed;
      const usage = this.leases.owns(setId) ? usageOf(deployed) : undefined;
      if (usage && differs(usage, this.noted.get(setId))) news.push({ setId, tenantId, ...usage });
    }
    if (news.length === 0) return;
    await this.database.withPlatform('note what sets use', (tx) => noteUsage(tx, now, news));
    for (const { setId, cpuPercent, memoryPercent } of news)
      this.noted.set(setId, { cpuPercent, memoryPercent });
  }
}
