import type { CreateDeployment, TenantState } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import type { Strategy, StrategyConfig } from '@switchyard/rollout';
import type { EdgeCall } from '@switchyard/service';
import { findApprovalPolicy } from '../approvals/approval-policy.store.js';
import { ruleIn } from '../approvals/rules.js';
import { lockInstallation, type InstallationKey } from '../installations/installation.store.js';
import { stableOf } from '../installations/stable-of.js';
import { lockQuotas } from '../quotas/quota.store.js';
import type { PinnedVersion } from '../registry-door.js';
import { insertRelease } from '../releases/release.store.js';
import { mustLockRetried, type Retry } from '../rollouts/retry-rollout.js';
import type { RolloutRow } from '../rollouts/rollout.store.js';
import { beginRollout, noApproval } from './begin-rollout.js';
import { mustBeActive, mustMeetTerms } from './may-deploy.js';
import { mustAnswerToItsOwnNames } from './must-answer-to-its-own-names.js';
import { mustHaveSecrets } from './must-have-secrets.js';
import { mustNotDeployTooOften } from './reserve-quota.js';

export interface Acceptance {
  readonly deploymentId: string;
  readonly releaseId: string;
  readonly tenant: TenantState;
  readonly input: CreateDeployment;
  readonly version: PinnedVersion;
  readonly strategy: Strategy;
  readonly config: StrategyConfig;
  readonly retry: Retry | null;
  /** How long it may wait for approvals. */
  readonly approvalMs: number;
}

/** Everything that a deployment ships and reserves is written down at once, or it is refused and nothing is. */
export async function acceptDeployment(
  tx: Transaction,
  call: EdgeCall,
  acceptance: Acceptance,
): Promise<RolloutRow> {
  const { tenant, input, version, deploymentId, releaseId, retry } = acceptance;
  const { tenantId } = tenant;
  mustBeActive(tenant);
  mustMeetTerms(tenant, version);
  await lockQuotas(tx, tenantId);
  await mustNotDeployTooOften(tx, tenant);
  const key: InstallationKey = {
    tenant_id: tenantId,
    environment: input.environment,
    plugin_id: input.pluginId,
  };
  const installation = await lockInstallation(tx, key);
  const retries = retry && (await mustLockRetried(tx, retry));
  await mustAnswerToItsOwnNames(tx, key, version);
  const running = await stableOf(tx, installation);
  const settings = input.configuration ?? running?.release.settings ?? {};
  await mustHaveSecrets(tx, tenantId, settings);
  const release = {
    release_id: releaseId,
    ...key,
    semantic_version: version.version,
    digest: version.digest,
    runtime: version.runtime,
    resources: version.resources,
    manifest: version.manifest,
    settings,
  };
  await insertRelease(tx, release);
  const approval = retry?.rollsBack
    ? noApproval
    : {
        ...ruleIn((await findApprovalPolicy(tx, tenantId)).rules, input.environment),
        withinMs: acceptance.approvalMs,
      };
  return await beginRollout(tx, call, {
    key,
    installation,
    tenant,
    deploymentId,
    release,
    running,
    warm: null,
    strategy: acceptance.strategy,
    strategyConfig: input.strategyConfig ?? {},
    config: acceptance.config,
    healthCheck: input.healthCheck ?? null,
    totalInstances: input.totalInstances ?? running?.instances ?? 1,
    rollsBack: retry?.rollsBack ?? null,
    retries,
    approval,
  });
}
