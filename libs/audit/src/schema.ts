import type { SchemaMigrations } from '@switchyard/database';
import { CreateAudit1795240000000 } from './migrations/1795240000000-create-audit.js';

export const auditSchema: SchemaMigrations = { schema: 'audit', migrations: [CreateAudit1795240000000] };
