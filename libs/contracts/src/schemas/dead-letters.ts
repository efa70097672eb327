import { z } from 'zod';
import { line, pageAnswer, pageQuery, timestamp } from './common.js';

export const DeadLetterQuery = z.strictObject({
  ...pageQuery,
  group: line(120).optional(),
  type: line(200).optional(),
});
export const DeadLetter = z.object({
  deadLetterId: z.string(),
  group: z.string(),
  eventId: z.string(),
  type: z.string(),
  version: z.number().int(),
  tenantId: z.string().nullable(),
  key: z.string(),
  data: z.unknown(),
  error: z.string(),
  attempts: z.number().int(),
  status: z.enum(['Dead', 'Replaying']),
  failedAt: timestamp,
});
export const DeadLetterList = z.object({ deadLetters: z.array(DeadLetter), ...pageAnswer });
