import type { TenantState } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import type { Keyring } from '@switchyard/secrets';
import type { InstallationRow } from '../installations/installation.store.js';
import { stableOf, type Running } from '../installations/stable-of.js';
import type { Settings } from '../releases/release.store.js';
import { mustBeOfAllowedCategory, mustBeSignedIfRequired } from './may-deploy.js';
import { mustAnswerToItsOwnNames } from './must-answer-to-its-own-names.js';
import { mustFitSettingsSchema } from './must-fit-settings-schema.js';
import { mustHaveSecrets } from './must-have-secrets.js';
import type { Order } from './order.js';
import type { Reasons } from './reasons.js';
import { mustNotDeployTooOften } from './reserve-quota.js';

/** An order, and what the installation says about it. */
export interface CheckedOrder {
  readonly order: Order;
  readonly installation: InstallationRow | undefined;
  readonly running: Running | null;
  readonly settings: Settings;
  readonly totalInstances: number;
}

export interface OrderCheck {
  readonly reasons: Reasons;
  readonly tenant: TenantState;
  readonly keyring: Keyring;
  /** Locked, where something is written afterwards. */
  readonly installationOf: (order: Order) => Promise<InstallationRow | undefined>;
  /** Goes on with it before the next is looked at: to deploy writes it down, a plan adds up what it takes. */
  readonly checked: (order: CheckedOrder) => Promise<void>;
}

/** All that rows of ours can say against orders; it only reads. */
export async function checkOrders(
  tx: Transaction,
  orders: readonly Order[],
  { reasons, tenant, keyring, installationOf, checked }: OrderCheck,
): Promise<void> {
  const { tenantId } = tenant;
  if (orders.length > 0) await reasons.check(() => mustNotDeployTooOften(tx, tenant, orders.length));
  for (const [at, order] of orders.entries()) {
    const { version, given } = order;
    await reasons.check(() => mustBeOfAllowedCategory(tenant, version));
    await reasons.check(() => mustBeSignedIfRequired(tenant, version));
    await reasons.check(() => mustAnswerToItsOwnNames(tx, order, orders.slice(0, at)));
    const installation = await installationOf(order);
    const running = installation ? await stableOf(tx, installation) : null;
    const settings = given.configuration ?? running?.release.settings ?? {};
    const secrets = await reasons.check(async () => {
      await mustHaveSecrets(tx, tenantId, settings);
      return true;
    });
    if (secrets) await reasons.check(() => mustFitSettingsSchema(tx, keyring, tenantId, version, settings));
    const totalInstances = given.totalInstances ?? running?.instances ?? 1;
    await checked({ order, installation, running, settings, totalInstances });
  }
}
