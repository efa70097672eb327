import type { SchemaMigrations } from '@switchyard/database';
import { CreateRegistry1795240000000 } from './migrations/1795240000000-create-registry.js';

export const registrySchema: SchemaMigrations = {
  schema: 'registry',
  migrations: [CreateRegistry1795240000000],
};
