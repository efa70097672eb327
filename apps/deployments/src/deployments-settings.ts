import type { Keyring } from '@switchyard/secrets';
import type { DeploymentsConfig } from './options.js';

/** What the service is told at its start; a class because it is its own injection token. */
export abstract class DeploymentsSettings {
  /** Seals and opens the secrets of tenants. */
  abstract readonly keyring: Keyring;
  abstract readonly resyncMs: number;
  abstract readonly drainMs: number;
  /** How long a deployment may wait for approvals. */
  abstract readonly approvalMs: number;
}

export const deploymentsTimes = ({
  DRAIN_SECONDS,
  APPROVAL_SECONDS,
}: DeploymentsConfig): Pick<DeploymentsSettings, 'resyncMs' | 'drainMs' | 'approvalMs'> => ({
  resyncMs: 5_000,
  drainMs: DRAIN_SECONDS,
  approvalMs: APPROVAL_SECONDS,
});
