import type { SchemaMigrations } from '@switchyard/database';
import { CreateHealth1795240000000 } from './migrations/1795240000000-create-health.js';
import { CreateSetHealth1796000000000 } from './migrations/1796000000000-create-set-health.js';

export const healthSchema: SchemaMigrations = {
  schema: 'health',
  migrations: [CreateHealth1795240000000, CreateSetHealth1796000000000],
};
