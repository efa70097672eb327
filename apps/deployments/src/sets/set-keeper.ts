import type { ServiceDatabase } from '@switchyard/database';
import type { Keyring } from '@switchyard/secrets';
import { installationKey, routePolicyFeed } from '@switchyard/contracts';
import type { Logger } from '@switchyard/observability';
import type { Orchestrator, SetSpec } from '../orchestrators/orchestrator.js';
import { feedVersionOf } from '../reconciling/feed-version.store.js';
import type { World } from '../reconciling/world.js';
import { findReleaseOfSet } from '../releases/release.store.js';
import { databaseNow } from '../rollouts/rollout.store.js';
import { openSettings } from '../secrets/open-settings.js';
import { chooseLeaving } from './choose-leaving.js';
import { setPublication, type SetPublication } from './set-publication.js';
import type { SetPublisher } from './set-publisher.js';
import { findKeptSets, listKeptSets, type KeptSet } from './set.store.js';

export interface SetKeeperParts {
  readonly database: ServiceDatabase;
  readonly orchestrator: Orchestrator;
  readonly world: World;
  readonly publisher: SetPublisher;
  readonly keyring: Keyring;
  readonly logger: Logger;
  /** How long an instance that is to end may keep its requests, and gateways may take to let go of it. */
  readonly drainMs: number;
}

const atOnce = 500;

/**
 * Has the orchestrator run what the rows of the sets ask for, and ends instances when nobody asks them anything any more. It
 * looks at what is, so whatever a crash has left undone is done at the next look.
 */
export class SetKeeper {
  /** Told to the orchestrator by this process: settings with their secrets reach it this way only. */
  private readonly applied = new Set<string>();
  /** Instances that are to end, and since when. */
  private readonly leavingSince = new Map<string, number>();
  /** Sets that wait for gateways. */
  private readonly waiting = new Set<string>();

  constructor(private readonly parts: SetKeeperParts) {}

  async keep(setIds: readonly string[], { gateways }: { gateways: boolean }): Promise<void> {
    const wanted = new Set([...setIds, ...(gateways ? this.waiting : [])]);
    if (wanted.size === 0) return;
    const sets = await this.parts.database.withPlatform('keep instances', (tx) =>
      findKeptSets(tx, [...wanted]),
    );
    await this.keepThese(sets);
  }

  /** All there are; what runs without being wanted by any row is ended. */
  async keepAll(): Promise<void> {
    const { database, orchestrator, world } = this.parts;
    const strangers = new Set(world.setIds());
    for (let after = '', more = true; more;) {
      const from = after;
      const sets = await database.withPlatform('keep instances', (tx) => listKeptSets(tx, from, atOnce));
      await this.keepThese(sets);
      for (const { set_id } of sets) strangers.delete(set_id);
      after = sets.at(-1)?.set_id ?? '';
      more = sets.length === atOnce;
    }
    for (const setId of strangers) await orchestrator.remove(setId);
  }

  /** Whoever looks after instances from now on tells the orchestrator and the others anew. */
  forget(): void {
    this.applied.clear();
    this.leavingSince.clear();
    this.waiting.clear();
    this.parts.publisher.forgetAll();
  }

  async endAll(): Promise<void> {
    for (const setId of this.parts.world.setIds()) await this.parts.orchestrator.remove(setId);
  }

  private async keepThese(sets: readonly KeptSet[]): Promise<void> {
    for (const set of sets) if (set.fate !== 'draining') await this.bring(set);
    await this.parts.world.refresh();
    await this.parts.publisher.tell(sets.map((set) => this.publicationOf(set)));
    for (const set of sets) await (set.fate === 'draining' ? this.drain(set) : this.reduce(set));
  }

  private async bring(set: KeptSet): Promise<void> {
    const { orchestrator, world, logger } = this.parts;
    const observed = world.set(set.set_id);
    if (observed ? this.applied.has(set.set_id) && observed.desired === set.desired : set.desired === 0)
      return;
    try {
      await orchestrator.apply(await this.specOf(set));
      this.applied.add(set.set_id);
      world.hasProblem(set.set_id, undefined);
    } catch (error) {
      const { message } = error as Error;
      world.hasProblem(set.set_id, message);
      logger.warn(
        { setId: set.set_id, reason: message },
        'instances cannot be brought up; it is tried again',
      );
    }
  }

  private async specOf(set: KeptSet): Promise<SetSpec> {
    const { database, keyring } = this.parts;
    return await database.withTenant(set.tenant_id, async (tx) => {
      const release = await findReleaseOfSet(tx, set.set_id);
      if (!release) throw new Error('its release is not there');
      const { manifest } = release;
      return {
        setId: set.set_id,
        desired: set.desired,
        tenantId: set.tenant_id,
        environment: set.environment,
        pluginId: set.plugin_id,
        version: release.semantic_version,
        digest: release.digest,
        runtime: release.runtime,
        resources: release.resources,
        ...(manifest.entryPoint === undefined ? {} : { entry: manifest.entryPoint }),
        settings: await openSettings(tx, keyring, set.tenant_id, release.settings),
        permissions: manifest.permissions ?? [],
      };
    });
  }

  private publicationOf(set: KeptSet): SetPublication {
    const instances = this.parts.world.set(set.set_id)?.instances ?? [];
    return setPublication(set, instances, chooseLeaving(instances, set.desired));
  }

  /** Ends instances that are too many. */
  private async reduce(set: KeptSet): Promise<void> {
    const { orchestrator, world, database } = this.parts;
    const instances = world.set(set.set_id)?.instances ?? [];
    const leaving = chooseLeaving(instances, set.desired);
    for (const { instanceId } of instances)
      if (!leaving.has(instanceId)) this.leavingSince.delete(instanceId);
    if (leaving.size === 0) {
      this.waiting.delete(set.set_id);
      return;
    }
    const now = await database.withTenant(set.tenant_id, (tx) => databaseNow(tx));
    const left = [...leaving].filter((id) => this.mayEnd(set.set_id, id, now));
    if (left.length < leaving.size) this.waiting.add(set.set_id);
    else this.waiting.delete(set.set_id);
    if (left.length > 0) await orchestrator.stop(set.set_id, left);
    for (const id of left) this.leavingSince.delete(id);
  }

  private mayEnd(setId: string, instanceId: string, now: number): boolean {
    const since = this.leavingSince.get(instanceId) ?? performance.now();
    this.leavingSince.set(instanceId, since);
    return performance.now() - since >= this.parts.drainMs || this.parts.world.isLeft(setId, instanceId, now);
  }

  /** Ends a set when every gateway has a policy without it and its requests have ended; bounded. */
  private async drain(set: KeptSet): Promise<void> {
    const { orchestrator, world, publisher } = this.parts;
    const observed = world.set(set.set_id);
    if (!observed) {
      await publisher.gone(set.set_id);
      this.applied.delete(set.set_id);
      this.waiting.delete(set.set_id);
      world.hasProblem(set.set_id, undefined);
      return;
    }
    if (observed.removing) return;
    if (await this.isLeft(set)) await orchestrator.remove(set.set_id);
    else this.waiting.add(set.set_id);
  }

  private async isLeft(set: KeptSet): Promise<boolean> {
    const { database, world, drainMs } = this.parts;
    const key = installationKey({
      tenantId: set.tenant_id,
      environment: set.environment,
      pluginId: set.plugin_id,
    });
    const { policyAt, now } = await database.withTenant(set.tenant_id, async (tx) => {
      const [at, time] = await Promise.all([feedVersionOf(tx, routePolicyFeed, key), databaseNow(tx)]);
      return { policyAt: at, now: time };
    });
    if (set.draining_since !== null && now - set.draining_since.getTime() >= drainMs) return true;
    if (policyAt !== null && !world.everyGatewayServes('policies', policyAt, now)) return false;
    const instances = world.set(set.set_id)?.instances ?? [];
    return instances.every(({ instanceId }) => world.isLeft(set.set_id, instanceId, now));
  }
}
