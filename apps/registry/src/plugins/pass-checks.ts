import type { Transaction } from '@switchyard/database';
import { takeStep } from './change-status.js';
import type { PluginRow } from './plugin.store.js';

/** The checks of a version's artefact, or of what it says of itself, are passed: that validates its plugin. */
export async function passChecks(
  tx: Transaction,
  plugin: PluginRow,
  options: { approvalRequired: boolean },
): Promise<PluginRow> {
  const validated = await takeStep(tx, plugin, 'pass-checks');
  return validated.status === 'Validated' && !options.approvalRequired
    ? await takeStep(tx, validated, 'approve')
    : validated;
}
