import type { Transaction } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import type { Settings } from '../releases/release.store.js';
import { findSecrets } from '../secrets/secret.store.js';
import { secretsIn } from '../secrets/secrets-in.js';

export async function mustHaveSecrets(tx: Transaction, tenantId: string, settings: Settings): Promise<void> {
  const named = secretsIn(settings, 'configuration');
  if (named.length === 0) return;
  const there = new Set(
    (await findSecrets(tx, tenantId, [...new Set(named.map(({ name }) => name))])).map(({ name }) => name),
  );
  const missing = named.filter(({ name }) => !there.has(name));
  if (missing.length === 0) return;
  throw new AppError(
    'VALIDATION_ERROR',
    `The settings name ${missing.length} secret(s) that the tenant does not have: ${[...new Set(missing.map(({ name }) => name))].join(', ')}`,
    {
      details: missing.map(({ field, name }) => ({
        field,
        message: `names the secret "${name}", which there is not: put it at /api/v1/tenants/${tenantId}/secrets/${name} first`,
      })),
    },
  );
}
