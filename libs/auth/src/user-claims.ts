import { z } from 'zod';
import { registeredClaims } from './inspect-token.js';

export const ROLES = ['PlatformAdmin', 'TenantAdmin', 'PluginDeveloper', 'TenantUser', 'Viewer'] as const;
export const RoleSchema = z.enum(ROLES);
export type Role = z.infer<typeof RoleSchema>;

const text = z.string().min(1).max(256);

/** Shared by user tokens and identities: what a person or robot may do, and for whom. */
export const standing = {
  username: text,
  role: RoleSchema,
  tenant: z.string().min(1).max(63).nullable(),
  publishers: z.array(z.string().min(1).max(63)).max(100),
};

/**
 * A platform admin of one tenant, or a tenant's admin of none, would be read differently by different checks.
 * A plugin developer may belong to publishers only.
 */
export function hasFittingTenant({ role, tenant }: { role: Role; tenant: string | null }): boolean {
  if (role === 'PlatformAdmin') return tenant === null;
  return role === 'PluginDeveloper' || tenant !== null;
}

export const UserClaimsSchema = z
  .object({
    ...registeredClaims,
    sid: text,
    ...standing,
    kind: z.literal('user'),
    /** Counts how often the person's tokens were refused so far: whole seconds could not tell before from after. */
    gen: z.number().int().nonnegative(),
  })
  .refine(hasFittingTenant, { error: 'The role and the tenant do not fit', path: ['tenant'] });
export type UserClaims = z.infer<typeof UserClaimsSchema>;
