import type { PlanProblem } from '@switchyard/contracts';
import type { AppError } from '@switchyard/errors';
import type { z } from 'zod';

/** Each field that is wrong is a problem of its own; everything else is one, with what there is to say about it. */
export function planProblems({ code, message, details }: AppError): z.output<typeof PlanProblem>[] {
  const plain = details.map((detail) => ({ ...detail }));
  if (code === 'VALIDATION_ERROR' && plain.length > 0)
    return plain.map((detail) => ({ code, message: detail.message, field: detail.field, details: [detail] }));
  return [{ code, message, field: plain.length === 1 ? (plain[0]?.field ?? null) : null, details: plain }];
}
