import { isDeepStrictEqual } from 'node:util';
import { deploymentChangesFeed } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { feedPut } from '@switchyard/events';
import { listedDeployment } from '../rollouts/listed-deployment.js';
import type { RolloutRow } from '../rollouts/rollout.store.js';
import type { Change } from './change.js';
import { insertChanges } from './change.store.js';

interface Noted {
  readonly before: RolloutRow | null;
  readonly after: RolloutRow | null;
}

const notedIn = new WeakMap<Transaction, Map<string, Noted>>();

/** Whoever writes a deployment notes it, so that no change is ever missed. Several in one transaction are one. */
export function noteChange(tx: Transaction, { before, after }: Noted): void {
  const id = (after ?? before)?.deployment_id;
  if (id === undefined) return;
  let noted = notedIn.get(tx);
  if (!noted) {
    const all = (noted = new Map<string, Noted>());
    notedIn.set(tx, all);
    tx.beforeCommit((last) => write(last, all));
  }
  noted.set(id, { before: noted.get(id)?.before ?? before, after });
}

async function write(tx: Transaction, noted: ReadonlyMap<string, Noted>): Promise<void> {
  const changes = [...noted.values()].flatMap((each) => changeOf(each) ?? []);
  if (changes.length === 0) return;
  await insertChanges(tx, changes);
  await feedPut(tx, deploymentChangesFeed, 'head', null);
}

/** Undefined when nobody can see a difference. */
function changeOf({ before, after }: Noted): Omit<Change, 'version'> | undefined {
  const row = after ?? before;
  if (!row) return undefined;
  const about = {
    tenantId: row.tenant_id,
    deploymentId: row.deployment_id,
    environment: row.environment,
    pluginId: row.plugin_id,
  };
  const object = after && listedDeployment(after);
  if (before && object && isDeepStrictEqual(listedDeployment(before), object)) return undefined;
  return {
    ...about,
    statusBefore: before?.status ?? null,
    statusAfter: after?.status ?? null,
    // Of what is purged nothing is kept but that it is gone.
    object: object ?? about,
  };
}
