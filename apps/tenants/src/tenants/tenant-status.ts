import type { TenantStatus } from '@switchyard/contracts';

export type TenantCommand = 'suspend' | 'resume' | 'delete';

/** Every transition there is; `undefined` is refused with a sentence, the same status is a harmless repetition. */
export const tenantTransitions: Readonly<
  Record<TenantStatus, Readonly<Record<TenantCommand, TenantStatus | undefined>>>
> = {
  Active: { suspend: 'Suspended', resume: 'Active', delete: 'Deleting' },
  Suspended: { suspend: 'Suspended', resume: 'Active', delete: 'Deleting' },
  Deleting: { suspend: undefined, resume: 'Active', delete: 'Deleting' },
};
