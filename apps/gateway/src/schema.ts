import type { SchemaMigrations } from '@switchyard/database';
import { CreateLimits1795240000000 } from './limits/create-limits.migration.js';

export const gatewaySchema: SchemaMigrations = { schema: 'gateway', migrations: [CreateLimits1795240000000] };
