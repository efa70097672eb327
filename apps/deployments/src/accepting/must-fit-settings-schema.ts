import type { Transaction } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import type { Keyring } from '@switchyard/secrets';
import { compileSettings } from '@switchyard/settings-schema';
import type { PinnedVersion } from '../registry-door.js';
import type { Settings } from '../releases/release.store.js';
import { openSettings } from '../secrets/open-settings.js';

/** The settings as an instance will get them, secrets in their places: what is wrong is told by place and rule, never by value. */
export async function mustFitSettingsSchema(
  tx: Transaction,
  keyring: Keyring,
  tenantId: string,
  { pluginId, version, settingsSchema }: PinnedVersion,
  settings: Settings,
): Promise<void> {
  if (settingsSchema === null) return;
  const problems = compileSettings(settingsSchema)(await openSettings(tx, keyring, tenantId, settings));
  if (problems.length === 0) return;
  throw new AppError(
    'VALIDATION_ERROR',
    `The settings do not fit the schema of ${pluginId} ${version} in ${problems.length} place(s)`,
    { details: problems.map(({ path, message }) => ({ field: `configuration${fieldOf(path)}`, message })) },
  );
}

/** `/stripe/keys/0` is `.stripe.keys[0]`, as other fields are named. */
const fieldOf = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join('');
