import type { Transaction } from '@switchyard/database';
import { readLeases } from '../leases/lease.store.js';
import { partitionOf } from '../leases/partition-of.js';
import { lockSets } from '../sets/set.store.js';
import { settleSets } from '../sets/settle-sets.js';
import {
  afterCheck,
  neverChecked,
  type CheckOutcome,
  type CheckState,
  type CheckThresholds,
} from '../verdicts/after-check.js';
import { readChecks, writeChecks, type StoredCheck } from './check.store.js';

export interface MadeCheck {
  setId: string;
  instanceId: string;
  outcome: CheckOutcome;
  thresholds: CheckThresholds;
  /** Epoch milliseconds. */
  at: number;
}

export interface Recording {
  worker: string;
  now: number;
}

const isSame = (a: CheckState, b: CheckState): boolean =>
  a.failures === b.failures &&
  a.successes === b.successes &&
  a.verdict === b.verdict &&
  a.reason === b.reason;

/**
 * Counts checks into what is known of their instances, and judges the sets where that changes something. Answers where each
 * instance stands. What is not this worker's any more, or gone, is passed over.
 */
export async function recordOutcomes(
  tx: Transaction,
  made: readonly MadeCheck[],
  { worker, now }: Recording,
): Promise<StoredCheck[]> {
  const mine = new Set((await readLeases(tx, worker)).mine);
  const due = made.filter(({ setId }) => mine.has(partitionOf(setId)));
  const setIds = [...new Set(due.map(({ setId }) => setId))].sort();
  const sets = await lockSets(tx, setIds);
  const checks = await readChecks(tx, setIds);
  const changed = new Map<string, StoredCheck>();
  const stands = new Map<string, StoredCheck>();
  for (const { setId, instanceId, outcome, thresholds, at } of due) {
    const set = sets.get(setId);
    if (!set || !set.instances.some((instance) => instance.instanceId === instanceId)) continue;
    const ofSet = checks.get(setId) ?? new Map<string, StoredCheck>();
    checks.set(setId, ofSet);
    const before = ofSet.get(instanceId);
    const after = afterCheck(before ?? neverChecked, outcome, thresholds);
    const check = { setId, instanceId, tenantId: set.tenantId, checkedAt: at, ...after };
    ofSet.set(instanceId, check);
    const key = `${setId}\n${instanceId}`;
    stands.set(key, check);
    if (!before || !isSame(before, after)) changed.set(key, check);
  }
  if (changed.size > 0) {
    await writeChecks(tx, [...changed.values()]);
    const concerned = new Set([...changed.values()].map(({ setId }) => setId));
    await settleSets(
      tx,
      [...sets.values()].filter(({ setId }) => concerned.has(setId)),
      checks,
      { now },
    );
  }
  return [...stands.values()];
}
