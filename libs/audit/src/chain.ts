/**
 * The name of a tenant's chain, or of the platform's own. The colon keeps them apart: whatever a tenant is called,
 * its chain begins with `tenant:` and the platform's does not. The same as the trigger that queues entries.
 */
export const chainOf = (tenant: string | null): string => (tenant === null ? 'platform' : `tenant:${tenant}`);
