import type { DeployedInstance, DeployedSet } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import type { Logger } from '@switchyard/observability';
import type { PartitionLeases } from '../leases/partition-leases.js';
import type { KnownSets } from '../sets/known-sets.js';
import type { CheckState } from '../verdicts/after-check.js';
import { noTraffic, trafficOfLastMinute, type TrafficCounts } from '../verdicts/traffic-window.js';
import { WorkQueue } from '../work-queue.js';
import { noteChecked } from './check.store.js';
import { checkInstance, checkOf, type InstanceCheck } from './check-instance.js';
import { recordOutcomes, type MadeCheck } from './record-outcomes.js';
import { readRecent } from '../sets/set.store.js';
import { Turns } from './turns.js';

export interface ProberParts {
  database: ServiceDatabase;
  known: KnownSets;
  leases: PartitionLeases;
  worker: string;
  clock: () => number;
  logger: Logger;
  /** Checks at once, in this process. */
  concurrency: number;
  /** How long a second takes: tests shorten it. */
  secondMs?: number;
  random?: () => number;
}

interface Watched {
  setId: string;
  instanceId: string;
  timer: NodeJS.Timeout | undefined;
  /** Where it stood when that was last written. */
  stands: CheckState | undefined;
  checkedAt: number | undefined;
  /** It was checked since `checkedAt` was last written. */
  isNews: boolean;
}

interface Target {
  set: DeployedSet;
  instance: DeployedInstance;
  check: InstanceCheck;
}

/** A new instance is checked soon, though not all of them in one moment. */
const firstWithinSeconds = 1;
const atOnce = 200;

/** Checks every instance of this process's partitions at its interval, and writes what came of it where that is news. */
export class Prober {
  private readonly watched = new Map<string, Map<string, Watched>>();
  private readonly turns: Turns;
  private readonly made: WorkQueue<MadeCheck>;
  private stopped = false;

  constructor(private readonly parts: ProberParts) {
    this.turns = new Turns(parts.concurrency);
    this.made = new WorkQueue(atOnce, (made) => this.record(made), parts.logger, 'writing health checks');
  }

  /** Begins with what is new of these sets, and ends with what is gone. */
  refresh(setIds: Iterable<string>): void {
    if (this.stopped) return;
    for (const setId of setIds) this.refreshSet(setId);
  }

  refreshAll(): void {
    this.refresh(
      new Set([...this.watched.keys(), ...[...this.parts.known.all()].map(({ deployed }) => deployed.setId)]),
    );
  }

  /** The last check of any of its instances, that this process made. */
  checkedAt(setId: string, instanceId: string): number | undefined {
    return this.watched.get(setId)?.get(instanceId)?.checkedAt;
  }

  /** Says when instances were last checked of which nothing else was written. */
  async noteChecked(): Promise<void> {
    const news = [...this.watched.values()].flatMap((ofSet) =>
      [...ofSet.values()].flatMap((each) =>
        each.isNews && each.stands && each.checkedAt !== undefined
          ? [{ each, setId: each.setId, instanceId: each.instanceId, checkedAt: each.checkedAt }]
          : [],
      ),
    );
    if (news.length === 0) return;
    await this.parts.database.withPlatform('write health checks', (tx) => noteChecked(tx, news));
    for (const { each, checkedAt } of news) each.isNews = each.checkedAt !== checkedAt;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const ofSet of this.watched.values()) for (const each of ofSet.values()) clearTimeout(each.timer);
    this.watched.clear();
    await this.turns.ended();
    await this.made.stop();
  }

  private refreshSet(setId: string): void {
    const targets = this.targetsOf(setId);
    const ofSet = this.watched.get(setId) ?? new Map<string, Watched>();
    for (const [instanceId, each] of ofSet)
      if (!targets.has(instanceId)) {
        clearTimeout(each.timer);
        ofSet.delete(instanceId);
      }
    for (const instanceId of targets.keys())
      if (!ofSet.has(instanceId)) {
        const each: Watched = {
          setId,
          instanceId,
          timer: undefined,
          stands: undefined,
          checkedAt: undefined,
          isNews: false,
        };
        ofSet.set(instanceId, each);
        this.schedule(each, this.random() * firstWithinSeconds);
      }
    if (ofSet.size > 0) this.watched.set(setId, ofSet);
    else this.watched.delete(setId);
  }

  private targetsOf(setId: string): Map<string, Target> {
    const { known, leases } = this.parts;
    const set = leases.owns(setId) ? known.get(setId)?.deployed : undefined;
    const targets = new Map<string, Target>();
    for (const instance of set?.instances ?? []) {
      const check = set && checkOf(set, instance);
      if (check && instance.state === 'Ready') targets.set(instance.instanceId, { set, instance, check });
    }
    return targets;
  }

  private schedule(each: Watched, inSeconds: number): void {
    if (this.stopped) return;
    clearTimeout(each.timer);
    each.timer = setTimeout(() => void this.check(each), inSeconds * this.secondMs).unref();
  }

  private async check(each: Watched): Promise<void> {
    await this.turns.run(async () => {
      const target = this.targetsOf(each.setId).get(each.instanceId);
      if (!target || this.stopped) return;
      const outcome = await checkInstance({
        ...target,
        secondMs: this.secondMs,
        traffic: () => this.trafficOf(each.setId),
      });
      if (!this.isWatched(each)) return;
      each.checkedAt = this.parts.clock();
      each.isNews = true;
      const { setId, instanceId, checkedAt: at } = each;
      // Most checks say again what is known.
      const saysNothing =
        outcome.passed &&
        outcome.reason === null &&
        each.stands?.verdict === 'Healthy' &&
        !each.stands.failures;
      if (!saysNothing) this.made.add([{ setId, instanceId, outcome, thresholds: target.check, at }]);
      this.schedule(each, target.check.intervalSeconds * (0.9 + 0.2 * this.random()));
    });
    // Lost, or not ready just now: seen again when its set changes.
    if (this.isWatched(each) && !this.targetsOf(each.setId).has(each.instanceId)) this.refreshSet(each.setId);
  }

  private isWatched(each: Watched): boolean {
    return this.watched.get(each.setId)?.get(each.instanceId) === each;
  }

  private async record(made: readonly MadeCheck[]): Promise<void> {
    const { database, worker, clock } = this.parts;
    const stands = await database.withPlatform('write health checks', (tx) =>
      recordOutcomes(tx, made, { worker, now: clock() }),
    );
    for (const check of stands) {
      const each = this.watched.get(check.setId)?.get(check.instanceId);
      if (each) each.stands = check;
    }
    for (const { setId, instanceId } of made) {
      const each = this.watched.get(setId)?.get(instanceId);
      // Checked before its set was written: the check counted for nothing, and its interval may be long.
      if (each && !each.stands) this.schedule(each, firstWithinSeconds);
    }
  }

  private async trafficOf(setId: string): Promise<TrafficCounts> {
    const { database, clock } = this.parts;
    try {
      const recent = await database.withPlatform('write health checks', (tx) => readRecent(tx, setId));
      return trafficOfLastMinute(recent, clock());
    } catch {
      return noTraffic;
    }
  }

  private get secondMs(): number {
    return this.parts.secondMs ?? 1_000;
  }

  private random(): number {
    return (this.parts.random ?? Math.random)();
  }
}
