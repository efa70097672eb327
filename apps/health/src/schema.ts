import type { SchemaMigrations } from '@switchyard/database';
import { CreateHealth1795240000000 } from './migrations/1795240000000-create-health.js';

export const healthSchema: SchemaMigrations = { schema: 'health', migrations: [CreateHealth1795240000000] };
