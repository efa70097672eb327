import type { SchemaMigrations } from '@switchyard/database';
import { CreateTenants1795240000000 } from './migrations/1795240000000-create-tenants.js';
import { AddOutsideIssuers1795330000000 } from './migrations/1795330000000-add-outside-issuers.js';

export const tenantsSchema: SchemaMigrations = {
  schema: 'tenants',
  migrations: [CreateTenants1795240000000, AddOutsideIssuers1795330000000],
};
