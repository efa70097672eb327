import { auditSchema } from '@switchyard/audit';
import { eventsSchema } from '@switchyard/events';
import { loadOrCreateKeyring } from '@switchyard/secrets';
import { runService } from '@switchyard/service';
import { createTenantsService } from './create-tenants-service.js';
import { adminIsHalf, adminIsWeak, outboundIsUnclear, tenantsOptions } from './options.js';
import { tenantsSchema } from './schema.js';
import { tenantsSettings } from './tenants-settings.js';

await runService({
  name: 'tenants',
  options: tenantsOptions,
  contradictions: [
    adminIsHalf,
    adminIsWeak,
    outboundIsUnclear,
    ({ KEYRING_FILE }) =>
      KEYRING_FILE ? undefined : 'KEYRING_FILE is required when the tenants service runs on its own',
  ],
  schemas: [eventsSchema, auditSchema, tenantsSchema],
  create: async (context, config) =>
    createTenantsService(
      context,
      tenantsSettings(config, {
        keyring: await loadOrCreateKeyring(config.KEYRING_FILE ?? ''),
        clock: context.clock,
      }),
    ),
});
