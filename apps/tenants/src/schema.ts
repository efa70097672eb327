import type { SchemaMigrations } from '@switchyard/database';
import { CreateTenants1795240000000 } from './migrations/1795240000000-create-tenants.js';

export const tenantsSchema: SchemaMigrations = {
  schema: 'tenants',
  migrations: [CreateTenants1795240000000],
};
