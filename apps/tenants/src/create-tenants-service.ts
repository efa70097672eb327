import { AuditSealer } from '@switchyard/audit';
import { createService, type Service, type ServiceContext } from '@switchyard/service';
import { Exchange } from './exchange/exchange.js';
import { Housekeeping } from './housekeeping.js';
import { createFetchJson, outboundTo } from './outside-issuers/fetch-json.js';
import { OutsideKeys } from './outside-issuers/outside-keys.js';
import { ensureFirstAdmin } from './people/first-admin.js';
import { Passwords } from './people/passwords.js';
import { SignIn } from './sign-in/sign-in.js';
import { SigningKeys } from './signing-keys/signing-keys.js';
import { TenantsModule } from './tenants.module.js';
import type { TenantsOptions } from './tenants-options.js';

/** The tenants service: tenants, people, tokens and the audit log. */
export async function createTenantsService(
  context: ServiceContext,
  options: TenantsOptions,
): Promise<Service> {
  const { database, logger } = context;
  const passwords = new Passwords(options.passwordCost);
  const keys = new SigningKeys(database, options, logger);
  const signIn = new SignIn(database, passwords, keys, options);
  const outsideKeys = new OutsideKeys(createFetchJson(outboundTo(options.outboundAllow)), options.clock);
  const exchange = new Exchange(database, outsideKeys, keys, options);
  const sealer = new AuditSealer({ database, logger });
  const housekeeping = new Housekeeping(database, options, logger);
  const service = await createService({
    name: 'tenants',
    module: TenantsModule.with({ database, passwords, signIn, outsideKeys, exchange, options }),
    logger,
    database,
    events: context.events,
    verifyIdentity: context.verifyIdentity,
    readiness: async () => [await database.readiness()],
  });
  await keys.start();
  await ensureFirstAdmin(database, passwords, options);
  sealer.start();
  housekeeping.start();
  return {
    ...service,
    async close() {
      housekeeping.stop();
      keys.stop();
      await sealer.stop();
      await service.close();
    },
  };
}
