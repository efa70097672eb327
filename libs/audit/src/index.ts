export { recordAudit, type AuditRecord } from './record-audit.js';
export { auditSchema } from './schema.js';
