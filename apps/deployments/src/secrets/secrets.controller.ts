import { Controller, Inject } from '@nestjs/common';
import { routes, type SecretSummary } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { conflict, notFound } from '@switchyard/errors';
import { seal } from '@switchyard/secrets';
import { audited, Handles, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import type { z } from 'zod';
import { findTenant } from '../accepting/tenant-terms.store.js';
import { DeploymentsSettings } from '../deployments-settings.js';
import { secretPlace } from './open-settings.js';
import {
  countSecrets,
  deleteSecret,
  findSecrets,
  listSecretRows,
  putSecret,
  usersOfSecret,
  type ListedSecret,
} from './secret.store.js';

const mostSecrets = 1_000;

/** They can be used and replaced, never read. */
@Controller()
export class SecretsController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(DeploymentsSettings) private readonly settings: DeploymentsSettings,
  ) {}

  @Handles(routes.putSecret)
  async put(
    @Input() { params, body, call, repeated }: HandlerInput<typeof routes.putSecret>,
  ): HandlerOutput<typeof routes.putSecret> {
    const { tenantId, name } = params;
    const sealed = seal(this.settings.keyring, body.value, secretPlace(tenantId, name));
    const row = await this.database.withTenant(tenantId, async (tx) => {
      if (!(await findTenant(tx, tenantId))) throw notFound('Tenant', tenantId);
      const [known] = await findSecrets(tx, tenantId, [name]);
      if (!known && (await countSecrets(tx, tenantId)) >= mostSecrets)
        throw conflict(`A tenant keeps at most ${mostSecrets} secrets: delete one first`);
      const saved = await putSecret(tx, { tenant_id: tenantId, name, sealed });
      await audited(tx, call, {
        tenant: tenantId,
        action: saved.is_new ? 'secret.created' : 'secret.replaced',
        subject: name,
      });
      return saved;
    });
    if (!row.is_new) repeated();
    return secretSummary(row);
  }

  @Handles(routes.listSecrets)
  async list(
    @Input() { params, query }: HandlerInput<typeof routes.listSecrets>,
  ): HandlerOutput<typeof routes.listSecrets> {
    const { tenantId } = params;
    const { rows, ...page } = await this.database.withTenant(tenantId, (tx) =>
      listSecretRows(tx, tenantId, query),
    );
    return { tenantId, secrets: rows.map(secretSummary), ...page };
  }

  @Handles(routes.deleteSecret)
  async delete(@Input() { params, call }: HandlerInput<typeof routes.deleteSecret>): Promise<void> {
    const { tenantId, name } = params;
    await this.database.withTenant(tenantId, async (tx) => {
      const users = await usersOfSecret(tx, tenantId, name);
      if (users.length > 0)
        throw conflict(
          `The secret "${name}" is named by the settings of ${users.map((each) => `${each.plugin_id} (${each.environment})`).join(', ')}: deploy them with other settings first`,
        );
      if (!(await deleteSecret(tx, tenantId, name))) throw notFound('Secret', name);
      await audited(tx, call, { tenant: tenantId, action: 'secret.deleted', subject: name });
    });
  }
}

const secretSummary = (row: ListedSecret): z.output<typeof SecretSummary> => ({
  name: row.name,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});
