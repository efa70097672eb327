import { z } from 'zod';
import { line, pageAnswer, pageQuery, timestamp } from './common.js';

export const AuditQuery = z.strictObject({
  ...pageQuery,
  action: line(120)
    .optional()
    .meta({ description: 'For example tenant.created, or a beginning of it: tenant.' }),
  actor: line(254).optional(),
  outcome: z.enum(['Success', 'Refused']).optional(),
  since: timestamp.optional(),
  until: timestamp.optional(),
});
export const AuditEntry = z.object({
  entryId: z.string(),
  sequence: z
    .number()
    .int()
    .nullable()
    .meta({ description: "Its place in the tenant's chain; null until it is sealed" }),
  tenantId: z.string().nullable(),
  action: z.string(),
  outcome: z.enum(['Success', 'Refused']),
  actor: z.string(),
  actorKind: z.enum(['user', 'robot', 'anonymous', 'system']),
  subject: z.string().nullable(),
  address: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  count: z.number().int().meta({ description: 'Repeated refusals are one entry' }),
  traceId: z.string().nullable(),
  occurredAt: timestamp,
  hash: z.string().nullable(),
});
export const AuditList = z.object({ entries: z.array(AuditEntry), ...pageAnswer });
export const AuditVerification = z.object({
  tenantId: z.string().nullable(),
  valid: z.boolean(),
  checked: z.number().int(),
  unsealed: z.number().int(),
  lastSequence: z.number().int(),
  lastHash: z.string().nullable(),
  firstBroken: z.number().int().nullable(),
  problem: z.string().nullable(),
});
