import { Controller, Inject } from '@nestjs/common';
import type { Identity } from '@switchyard/auth';
import { routes, windowMs } from '@switchyard/contracts';
import { ServiceDatabase, type Transaction } from '@switchyard/database';
import { notFound } from '@switchyard/errors';
import { Handles, identityOf, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { HealthOptions } from '../health-options.js';
import { levelsBefore, readSteps } from '../history/bucket.store.js';
import { historyPoints, noLevels } from '../history/history-points.js';
import { historySteps } from '../history/history-steps.js';
import { readChecks, type StoredCheck } from '../probes/check.store.js';
import { Prober } from '../probes/prober.js';
import { KnownSets } from '../sets/known-sets.js';
import { findSetOfDeployment } from '../sets/set.store.js';
import { newStoredSet, toldBy, type StoredSet } from '../sets/stored-set.js';
import { healthView } from './health-view.js';

@Controller()
export class DeploymentsController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(HealthOptions) private readonly options: HealthOptions,
    @Inject(KnownSets) private readonly known: KnownSets,
    @Inject(Prober) private readonly prober: Prober,
  ) {}

  @Handles(routes.getDeploymentHealth)
  async health(
    @Input() { params: { deploymentId }, call }: HandlerInput<typeof routes.getDeploymentHealth>,
  ): HandlerOutput<typeof routes.getDeploymentHealth> {
    const caller = identityOf(call);
    return await this.read(caller, async (tx) => {
      const { set } = await this.mustFind(tx, caller, deploymentId);
      const stored = (await readChecks(tx, [set.setId])).get(set.setId) ?? new Map<string, StoredCheck>();
      return healthView({
        deploymentId,
        set,
        deployed: this.known.get(set.setId)?.deployed,
        checks: this.withLatest(stored),
        now: this.options.clock(),
      });
    });
  }

  @Handles(routes.getDeploymentHealthHistory)
  async history(
    @Input() { params, query: { window }, call }: HandlerInput<typeof routes.getDeploymentHealthHistory>,
  ): HandlerOutput<typeof routes.getDeploymentHealthHistory> {
    const { deploymentId } = params;
    const caller = identityOf(call);
    return await this.read(caller, async (tx) => {
      const { set, since } = await this.mustFind(tx, caller, deploymentId);
      const all = historySteps(windowMs(window), this.options.clock());
      const steps = { ...all, starts: all.starts.filter((start) => start + all.stepMs > since) };
      const from = steps.starts[0];
      if (from === undefined) return { deploymentId, window, dataPoints: [] };
      const [rows, before] = await Promise.all([
        readSteps(tx, set.setId, from, steps.stepMs),
        levelsBefore(tx, set.setId, from),
      ]);
      // Instances that stayed the same for longer than the history is kept are in none of it.
      const unchanged = before?.healthy == null && rows.every(({ healthy }) => healthy === null);
      const levels = unchanged ? { ...noLevels, ...before, healthy: set.healthy, total: set.total } : before;
      return { deploymentId, window, dataPoints: historyPoints(steps, rows, levels, set.goneAt) };
    });
  }

  /** Row-level security holds everybody to their tenant but the platform's own administrator. */
  private read<T>(caller: Identity, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return caller.role === 'PlatformAdmin'
      ? this.database.withPlatform('read the health of a deployment', work)
      : this.database.withTenant(caller.tenant ?? '', work);
  }

  private async mustFind(
    tx: Transaction,
    caller: Identity,
    deploymentId: string,
  ): Promise<{ set: StoredSet; since: number }> {
    const found = await findSetOfDeployment(tx, deploymentId);
    if (found) return found;
    // Told a moment ago, and not written yet.
    const deployed = this.known.ofDeployment(deploymentId)?.deployed;
    if (!deployed || (caller.role !== 'PlatformAdmin' && caller.tenant !== deployed.tenantId))
      throw notFound('Deployment', deploymentId);
    return { set: { ...newStoredSet(deployed), ...toldBy(deployed) }, since: this.options.clock() };
  }

  /** Checks that only said again what was known are written once a minute. */
  private withLatest(checks: ReadonlyMap<string, StoredCheck>): ReadonlyMap<string, StoredCheck> {
    return new Map(
      [...checks].map(([instanceId, check]) => [
        instanceId,
        {
          ...check,
          checkedAt: Math.max(check.checkedAt, this.prober.checkedAt(check.setId, instanceId) ?? 0),
        },
      ]),
    );
  }
}
