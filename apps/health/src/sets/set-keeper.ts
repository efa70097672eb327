import { isDeepStrictEqual } from 'node:util';
import { setHealthFeed } from '@switchyard/contracts';
import type { ServiceDatabase, Transaction } from '@switchyard/database';
import { feedRemove, type FeedVersion } from '@switchyard/events';
import type { Logger } from '@switchyard/observability';
import type { PartitionLeases } from '../leases/partition-leases.js';
import { readChecks, removeChecks } from '../probes/check.store.js';
import type { KnownSet, KnownSets } from './known-sets.js';
import { dueSets, insertSets, linkDeployments, liveSetsOf, lockSets } from './set.store.js';
import { settleSets } from './settle-sets.js';
import { newStoredSet, toldBy, type StoredSet } from './stored-set.js';
import { WorkQueue } from '../work-queue.js';

export interface SetKeeperParts {
  database: ServiceDatabase;
  known: KnownSets;
  leases: PartitionLeases;
  clock: () => number;
  logger: Logger;
  /** They are written as they are known: now what is found out about them can be, too. */
  onKept: (setIds: readonly string[]) => void;
}

const atOnce = 100;

const isLater = (a: FeedVersion, b: FeedVersion): boolean =>
  a.epoch > b.epoch || (a.epoch === b.epoch && a.version > b.version);

/** Keeps the stored sets of this process's partitions as deployments tells them, and tells reconcilers what can wait. */
export class SetKeeper {
  private readonly changed: WorkQueue<string>;

  constructor(private readonly parts: SetKeeperParts) {
    this.changed = new WorkQueue(
      atOnce,
      (setIds) => this.keep(setIds),
      parts.logger,
      'keeping what is deployed',
    );
  }

  notice(setIds: readonly string[]): void {
    this.changed.add(setIds.filter((setId) => this.parts.leases.owns(setId)));
  }

  /** Compares all there is: after partitions were taken over. */
  async compare(): Promise<void> {
    const { database, known, leases } = this.parts;
    if (known.at === undefined) return;
    const stored = new Map(
      (await database.withPlatform('keep what is deployed', (tx) => liveSetsOf(tx, leases.mine))).map(
        (set) => [set.setId, set],
      ),
    );
    const news = [...known.all()].filter(({ deployed, at }) => {
      const known = stored.get(deployed.setId);
      return !known || isLater(at, known);
    });
    const ended = [...stored.keys()].filter((setId) => !known.get(setId));
    this.notice([...news.map(({ deployed }) => deployed.setId), ...ended]);
  }

  /** What waited to be told, and what fewer requests make better. */
  async tellDue(): Promise<void> {
    const { database, leases, clock } = this.parts;
    const { mine } = leases;
    if (mine.length === 0) return;
    for (let more = true; more;) {
      const now = clock();
      const due = await database.withPlatform('keep what is deployed', (tx) =>
        dueSets(tx, mine, now, atOnce),
      );
      if (due.length > 0)
        await database.withPlatform('keep what is deployed', async (tx) => {
          const sets = await lockSets(tx, due);
          const checks = await readChecks(tx, due);
          await settleSets(tx, [...sets.values()], checks, { now, tellAll: true });
        });
      more = due.length >= atOnce;
    }
  }

  async stop(): Promise<void> {
    await this.changed.stop();
  }

  private async keep(setIds: readonly string[]): Promise<void> {
    await this.keepAll(setIds);
    this.parts.onKept(setIds);
  }

  private async keepAll(setIds: readonly string[]): Promise<void> {
    const { database, known, clock } = this.parts;
    const now = clock();
    await database.withPlatform('keep what is deployed', async (tx) => {
      const told = new Map(
        setIds.flatMap((setId) => {
          const set = known.get(setId);
          return set ? [[setId, set] as const] : [];
        }),
      );
      let stored = await lockSets(tx, setIds);
      const missing = [...told.values()].filter(({ deployed }) => !stored.has(deployed.setId));
      if (missing.length > 0) {
        await insertSets(
          tx,
          missing.map(({ deployed }) => newStoredSet(deployed)),
        );
        stored = await lockSets(tx, setIds);
      }
      const sets: StoredSet[] = [];
      for (const set of stored.values()) {
        const news = told.get(set.setId);
        if (news ? takeOver(set, news) : await this.end(tx, set, now)) sets.push(set);
      }
      if (sets.length === 0) return;
      await linkDeployments(tx, sets, now);
      const checks = await readChecks(
        tx,
        sets.map(({ setId }) => setId),
      );
      for (const set of sets) await forgetChecks(tx, set, checks.get(set.setId));
      await settleSets(tx, sets, checks, { now });
    });
  }

  private async end(tx: Transaction, set: StoredSet, now: number): Promise<boolean> {
    const { at } = this.parts.known;
    if (set.goneAt !== null || at === undefined || isLater(set.feed, at)) return false;
    Object.assign(set, { goneAt: now, instances: [], moving: false, feed: at });
    await feedRemove(tx, setHealthFeed, set.setId);
    return true;
  }
}

/** Whether anything of it is new: what only usage changed is not written. */
function takeOver(set: StoredSet, { deployed, at }: KnownSet): boolean {
  if (!isLater(at, set.feed)) return false;
  const news = toldBy(deployed);
  const isNew = Object.entries(news).some(
    ([name, value]) => !isDeepStrictEqual(value, set[name as keyof StoredSet]),
  );
  if (isNew || set.feed.version === 0) {
    Object.assign(set, news, { feed: at });
    return true;
  }
  return false;
}

async function forgetChecks(
  tx: Transaction,
  set: StoredSet,
  checks: Map<string, unknown> | undefined,
): Promise<void> {
  const live = new Set(set.instances.map(({ instanceId }) => instanceId));
  const ended = [...(checks?.keys() ?? [])].filter((instanceId) => !live.has(instanceId));
  if (ended.length === 0) return;
  await removeChecks(tx, set.setId, ended);
  for (const instanceId of ended) checks?.delete(instanceId);
}
