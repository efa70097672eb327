export { AuditSealer, type AuditSealerOptions } from './audit-sealer.js';
export { listAudit, type AuditEntry, type AuditList, type AuditListQuery } from './list-audit.js';
export { recordAudit, type AuditRecord } from './record-audit.js';
export { RefusalAggregator, type RefusalAggregatorOptions } from './refusal-aggregator.js';
export { auditSchema } from './schema.js';
export { sealAudit } from './seal-audit.js';
export { verifyAudit, type AuditVerification } from './verify-audit.js';
