import type { SchemaMigrations } from '@switchyard/database';
import { CreateRegistry1795240000000 } from './migrations/1795240000000-create-registry.js';
import { CreateCatalogue1795800000000 } from './migrations/1795800000000-create-catalogue.js';

export const registrySchema: SchemaMigrations = {
  schema: 'registry',
  migrations: [CreateRegistry1795240000000, CreateCatalogue1795800000000],
};
