import type { Transaction } from '@switchyard/database';
import { partitionOf } from '../leases/partition-of.js';
import type { StoredSet } from './stored-set.js';

interface SetRow {
  set_id: string;
  tenant_id: string;
  environment: string;
  plugin_id: string;
  deployment_id: string;
  health_check: StoredSet['healthCheck'];
  moving: boolean;
  instances: StoredSet['instances'];
  /** Bigints, as text. */
  requests: string;
  errors: string;
  latency_counts: string[];
  latency_sum_ms: number;
  recent: StoredSet['recent'];
  verdict: StoredSet['verdict'];
  reason: string;
  healthy: number | null;
  total: number | null;
  untold: boolean;
  judge_again_at: Date | null;
  gone_at: Date | null;
  feed_epoch: string;
  feed_version: string;
}

const fromRow = (row: SetRow): StoredSet => ({
  setId: row.set_id,
  tenantId: row.tenant_id,
  environment: row.environment,
  pluginId: row.plugin_id,
  deploymentId: row.deployment_id,
  healthCheck: row.health_check,
  moving: row.moving,
  instances: row.instances,
  samples: {
    requests: Number(row.requests),
    errors: Number(row.errors),
    latency: { counts: row.latency_counts.map(Number), sumMs: row.latency_sum_ms },
  },
  recent: row.recent,
  verdict: row.verdict,
  reason: row.reason,
  healthy: row.healthy,
  total: row.total,
  untold: row.untold,
  judgeAgainAt: row.judge_again_at?.getTime() ?? null,
  goneAt: row.gone_at?.getTime() ?? null,
  feed: { epoch: Number(row.feed_epoch), version: Number(row.feed_version) },
});

const moment = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** What a write may change. */
const changing = {
  deployment_id: ['text', (set) => set.deploymentId],
  health_check: ['jsonb', (set) => set.healthCheck],
  moving: ['boolean', (set) => set.moving],
  instances: ['jsonb', (set) => set.instances],
  requests: ['bigint', (set) => set.samples.requests],
  errors: ['bigint', (set) => set.samples.errors],
  latency_counts: ['bigint[]', (set) => set.samples.latency.counts],
  latency_sum_ms: ['float8', (set) => set.samples.latency.sumMs],
  recent: ['jsonb', (set) => set.recent],
  verdict: ['text', (set) => set.verdict],
  reason: ['text', (set) => set.reason],
  healthy: ['int', (set) => set.healthy],
  total: ['int', (set) => set.total],
  untold: ['boolean', (set) => set.untold],
  judge_again_at: ['timestamptz', (set) => moment(set.judgeAgainAt)],
  gone_at: ['timestamptz', (set) => moment(set.goneAt)],
  feed_epoch: ['bigint', (set) => set.feed.epoch],
  feed_version: ['bigint', (set) => set.feed.version],
} satisfies Record<string, [type: string, value: (set: StoredSet) => unknown]>;

const columns = Object.entries(changing);
const assignments = columns.map(([name]) => `${name} = n.${name}`).join(', ');
const types = columns.map(([name, [type]]) => `${name} ${type}`).join(', ');

/** Those there are of them, locked in one order, whoever else wants them. */
export async function lockSets(tx: Transaction, setIds: readonly string[]): Promise<Map<string, StoredSet>> {
  const rows = await tx.query<SetRow>(
    'SELECT * FROM health.sets WHERE set_id = ANY($1) ORDER BY set_id FOR UPDATE',
    [setIds],
  );
  return new Map(rows.map((row) => [row.set_id, fromRow(row)]));
}

/** Makes rows for sets that have none. */
export const insertSets = (tx: Transaction, sets: readonly StoredSet[]): Promise<number> =>
  tx.run(
    `INSERT INTO health.sets (set_id, tenant_id, environment, plugin_id, deployment_id, partition, latency_counts)
     SELECT set_id, tenant_id, environment, plugin_id, deployment_id, partition, latency_counts
     FROM jsonb_to_recordset($1::jsonb) AS n (set_id text, tenant_id text, environment text, plugin_id text, deployment_id text, partition int, latency_counts bigint[])
     ORDER BY set_id ON CONFLICT (set_id) DO NOTHING`,
    [
      JSON.stringify(
        sets.map((set) => ({
          set_id: set.setId,
          tenant_id: set.tenantId,
          environment: set.environment,
          plugin_id: set.pluginId,
          deployment_id: set.deploymentId,
          partition: partitionOf(set.setId),
          latency_counts: set.samples.latency.counts,
        })),
      ),
    ],
  );

/** Writes sets that `lockSets` gave. */
export const writeSets = (tx: Transaction, sets: readonly StoredSet[]): Promise<number> =>
  tx.run(
    `UPDATE health.sets s SET ${assignments} FROM jsonb_to_recordset($1::jsonb) AS n (set_id text, ${types}) WHERE s.set_id = n.set_id`,
    [
      JSON.stringify(
        sets.map((set) => ({
          set_id: set.setId,
          ...Object.fromEntries(columns.map(([name, [, value]]) => [name, value(set)])),
        })),
      ),
    ],
  );

/** A set belongs to every deployment that shipped it, from then on. */
export const linkDeployments = (tx: Transaction, sets: readonly StoredSet[], now: number): Promise<number> =>
  tx.run(
    `INSERT INTO health.deployments (deployment_id, set_id, tenant_id, since)
     SELECT d, s, t, $4 FROM unnest($1::text[], $2::text[], $3::text[]) AS n (d, s, t) ORDER BY d ON CONFLICT (deployment_id) DO NOTHING`,
    [
      sets.map(({ deploymentId }) => deploymentId),
      sets.map(({ setId }) => setId),
      sets.map(({ tenantId }) => tenantId),
      new Date(now),
    ],
  );

export async function findSetOfDeployment(
  tx: Transaction,
  deploymentId: string,
): Promise<{ set: StoredSet; since: number } | undefined> {
  const row = await tx.one<SetRow & { since: Date }>(
    'SELECT s.*, d.since FROM health.deployments d JOIN health.sets s USING (set_id) WHERE d.deployment_id = $1',
    [deploymentId],
  );
  return row && { set: fromRow(row), since: row.since.getTime() };
}

/** Of these partitions, those that time has made due: to be told, or to be judged by fewer requests. */
export async function dueSets(
  tx: Transaction,
  partitions: readonly number[],
  now: number,
  most: number,
): Promise<string[]> {
  const rows = await tx.query<{ set_id: string }>(
    `(SELECT set_id FROM health.sets WHERE untold AND partition = ANY($1) LIMIT $3)
     UNION (SELECT set_id FROM health.sets WHERE judge_again_at <= $2 AND partition = ANY($1) LIMIT $3)`,
    [partitions, new Date(now), most],
  );
  return rows.map(({ set_id }) => set_id);
}

/** What a process that takes partitions over compares with the feed. */
export async function liveSetsOf(
  tx: Transaction,
  partitions: readonly number[],
): Promise<{ setId: string; epoch: number; version: number }[]> {
  const rows = await tx.query<Pick<SetRow, 'set_id' | 'feed_epoch' | 'feed_version'>>(
    `SELECT set_id, feed_epoch, feed_version FROM health.sets WHERE gone_at IS NULL AND partition = ANY($1)`,
    [partitions],
  );
  return rows.map((row) => ({
    setId: row.set_id,
    epoch: Number(row.feed_epoch),
    version: Number(row.feed_version),
  }));
}

export async function readRecent(tx: Transaction, setId: string): Promise<StoredSet['recent']> {
  const row = await tx.one<Pick<SetRow, 'recent'>>('SELECT recent FROM health.sets WHERE set_id = $1', [
    setId,
  ]);
  return row?.recent ?? [];
}

/** Forgets sets that have been gone for so long that no history of them is left; answers how many. */
export const removeSetsGoneBefore = (tx: Transaction, before: number, most: number): Promise<number> =>
  tx.run(
    `WITH ended AS (DELETE FROM health.sets WHERE set_id IN (SELECT set_id FROM health.sets WHERE gone_at < $1 LIMIT $2) RETURNING set_id),
       checks AS (DELETE FROM health.checks WHERE set_id IN (SELECT set_id FROM ended))
     DELETE FROM health.deployments WHERE set_id IN (SELECT set_id FROM ended)`,
    [new Date(before), most],
  );
