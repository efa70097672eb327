import type { SampleBatch, SlotSample } from '@switchyard/contracts';
import type { ServiceDatabase, Transaction } from '@switchyard/database';
import { addTrafficToBuckets } from '../history/bucket.store.js';
import { readChecks } from '../probes/check.store.js';
import { insertSets, linkDeployments, lockSets } from '../sets/set.store.js';
import { settleSets } from '../sets/settle-sets.js';
import { newStoredSet, type StoredSet } from '../sets/stored-set.js';
import { withTraffic, type TrafficCounts } from '../verdicts/traffic-window.js';
import { addSamples } from './add-samples.js';
import { isNewBatch } from './batch.store.js';

const trafficOf = ({ requests, errors, latency }: SlotSample): TrafficCounts => ({
  requests,
  errors,
  timed: latency.counts.reduce((sum, count) => sum + count, 0),
  latencySumMs: latency.sumMs,
});

/**
 * Counts what a gateway saw, once however often it is sent, and tells reconcilers of moving sets: all of it in one
 * transaction, so that whoever hears of it finds it.
 */
export async function takeSamples(
  database: ServiceDatabase,
  batch: SampleBatch,
  now: number,
  isMoving: (setId: string) => boolean,
): Promise<void> {
  const samples = batch.samples.filter(({ requests }) => requests > 0);
  if (samples.length === 0) return;
  await database.withPlatform('take samples', async (tx) => {
    if (!(await isNewBatch(tx, batch))) return;
    const sets = await setsOf(tx, samples, now);
    const checks = await readChecks(tx, [...sets.keys()]);
    const traffic: (TrafficCounts & { setId: string; tenantId: string })[] = [];
    for (const [setId, ofSet] of bySet(samples)) {
      const set = sets.get(setId);
      if (!set) continue;
      for (const sample of ofSet) {
        set.samples = addSamples(set.samples, sample);
        set.recent = withTraffic(set.recent, now, trafficOf(sample));
      }
      // Told by the feed a moment ago, and not written yet.
      set.moving ||= isMoving(setId);
      traffic.push({ setId, tenantId: set.tenantId, ...sum(ofSet.map(trafficOf)) });
    }
    await Promise.all([
      addTrafficToBuckets(tx, now, traffic),
      settleSets(tx, [...sets.values()], checks, { now }),
    ]);
  });
}

function bySet(samples: readonly SlotSample[]): Map<string, SlotSample[]> {
  const groups = new Map<string, SlotSample[]>();
  for (const sample of samples) {
    const group = groups.get(sample.setId);
    if (group) group.push(sample);
    else groups.set(sample.setId, [sample]);
  }
  return groups;
}

const sum = (all: readonly TrafficCounts[]): TrafficCounts =>
  all.reduce((a, b) => ({
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    timed: a.timed + b.timed,
    latencySumMs: a.latencySumMs + b.latencySumMs,
  }));

/** Requests may be quicker than the news that there is such a set. */
async function setsOf(
  tx: Transaction,
  samples: readonly SlotSample[],
  now: number,
): Promise<Map<string, StoredSet>> {
  const labels = new Map(samples.map((sample) => [sample.setId, sample]));
  const known = await lockSets(tx, [...labels.keys()]);
  const missing = [...labels.values()].filter(({ setId }) => !known.has(setId)).map(newStoredSet);
  if (missing.length === 0) return known;
  await insertSets(tx, missing);
  await linkDeployments(tx, missing, now);
  return await lockSets(tx, [...labels.keys()]);
}
