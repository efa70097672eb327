import type { Transaction } from '@switchyard/database';
import { open, type Keyring } from '@switchyard/secrets';
import type { Settings } from '../releases/release.store.js';
import { findSecrets } from './secret.store.js';
import { secretsIn, withSecrets } from './secrets-in.js';

/** Where a sealed value belongs: it opens nowhere else. */
export const secretPlace = (tenantId: string, name: string): string =>
  `deployments.secrets/${tenantId}/${name}`;

/** With all secrets in their places: for instances, and for nobody else. */
export async function openSettings(
  tx: Transaction,
  keyring: Keyring,
  tenantId: string,
  settings: Settings,
): Promise<Settings> {
  const names = [...new Set(secretsIn(settings, '').map(({ name }) => name))];
  if (names.length === 0) return settings;
  const sealed = new Map((await findSecrets(tx, tenantId, names)).map((each) => [each.name, each.sealed]));
  return withSecrets(settings, (name) => {
    const text = sealed.get(name);
    if (text === undefined) throw new Error(`the secret ${name} is not there`);
    return open(keyring, text, secretPlace(tenantId, name)).toString('utf8');
  }) as Settings;
}
