import { deploymentStatusChanged, type DeploymentStatus } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { publish } from '@switchyard/events';
import { isTerminal, stageNameOf } from '@switchyard/rollout';
import { wakeAwaiting } from './awaited.store.js';
import { deploymentOf } from './deployment-of.js';
import type { RolloutRow } from './rollout.store.js';

/** Tells the others, in the transaction that changed it, when a deployment's status is another one. */
export async function tellStatus(
  tx: Transaction,
  rollout: RolloutRow,
  from: DeploymentStatus | null,
  traceparent?: string,
): Promise<void> {
  if (rollout.status === from) return;
  if (isTerminal(rollout.status)) await wakeAwaiting(tx, rollout.deployment_id);
  const { ending, hold } = rollout.state;
  await publish(tx, deploymentStatusChanged, {
    tenant: rollout.tenant_id,
    data: {
      tenantId: rollout.tenant_id,
      environment: rollout.environment,
      pluginId: rollout.plugin_id,
      version: rollout.semantic_version,
      deploymentId: rollout.deployment_id,
      from,
      to: rollout.status,
      stage: stageNameOf(deploymentOf(rollout)),
      reason: ending?.reason ?? hold?.text ?? null,
    },
    ...(traceparent === undefined ? {} : { traceparent }),
  });
}
