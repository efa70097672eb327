import { healthVerdictChanged, setHealthFeed, type SetHealth } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { feedPut, publish } from '@switchyard/events';
import { noteInstances } from '../history/bucket.store.js';
import type { StoredCheck } from '../probes/check.store.js';
import { judgeSet, type SetJudgement } from '../verdicts/judge-set.js';
import { trafficOfLastMinute, windowMs } from '../verdicts/traffic-window.js';
import { writeSets } from './set.store.js';
import type { StoredSet } from './stored-set.js';

type Checks = ReadonlyMap<string, StoredCheck>;

const noChecks: Checks = new Map();

/** What a reconciler is told. */
export function toSetHealth(set: StoredSet, { instances }: SetJudgement, checks: Checks): SetHealth {
  return {
    setId: set.setId,
    samples: {
      requests: set.samples.requests,
      errors: set.samples.errors,
      latency: { counts: [...set.samples.latency.counts], sumMs: set.samples.latency.sumMs },
    },
    verdict: set.verdict,
    reason: set.reason,
    instances: instances.map(({ instanceId, verdict, reason }) => {
      const check = checks.get(instanceId);
      return {
        instanceId,
        verdict,
        reason,
        consecutiveFailedChecks: check?.failures ?? 0,
        checkedAt: check ? new Date(check.checkedAt).toISOString() : null,
      };
    }),
  };
}

export interface Settling {
  now: number;
  /** Tells reconcilers also what can wait. */
  tellAll?: boolean;
}

/**
 * Judges sets that have just changed and writes them. What moves is told in this very transaction, and so is another verdict;
 * the rest is noted as untold.
 */
export async function settleSets(
  tx: Transaction,
  sets: readonly StoredSet[],
  checksBySet: ReadonlyMap<string, Checks>,
  { now, tellAll = false }: Settling,
): Promise<void> {
  const work: Promise<unknown>[] = [];
  const noted: { setId: string; tenantId: string; healthy: number; total: number }[] = [];
  for (const set of sets) {
    const checks = checksBySet.get(set.setId) ?? noChecks;
    const traffic = trafficOfLastMinute(set.recent, now);
    const judgement = judgeSet(set.instances, checks, traffic, set.healthCheck);
    const from = set.verdict;
    const isNew = judgement.verdict !== from;
    set.verdict = judgement.verdict;
    set.reason = judgement.reason;
    // Requests that count against it are over by then, if none come that do.
    set.judgeAgainAt = set.verdict !== 'Healthy' && traffic.requests > 0 ? now + windowMs : null;
    if (set.healthy !== judgement.healthy || set.total !== judgement.total) {
      [set.healthy, set.total] = [judgement.healthy, judgement.total];
      noted.push({
        setId: set.setId,
        tenantId: set.tenantId,
        healthy: judgement.healthy,
        total: judgement.total,
      });
    }
    if (set.goneAt !== null) {
      // Nobody is told any more, and nothing has to be judged again.
      Object.assign(set, { untold: false, judgeAgainAt: null });
    } else {
      if (isNew) work.push(publishVerdict(tx, set, from));
      set.untold = !(set.moving || isNew || tellAll);
      if (!set.untold) work.push(feedPut(tx, setHealthFeed, set.setId, toSetHealth(set, judgement, checks)));
    }
  }
  work.push(writeSets(tx, sets));
  if (noted.length > 0) work.push(noteInstances(tx, now, noted));
  await Promise.all(work);
}

const publishVerdict = (tx: Transaction, set: StoredSet, from: StoredSet['verdict']): Promise<string> =>
  publish(tx, healthVerdictChanged, {
    tenant: set.tenantId,
    data: {
      tenantId: set.tenantId,
      environment: set.environment,
      pluginId: set.pluginId,
      deploymentId: set.deploymentId,
      setId: set.setId,
      from,
      to: set.verdict,
      reason: set.reason,
    },
  });
