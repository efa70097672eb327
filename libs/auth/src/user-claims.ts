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

/** Counts how often the subject's tokens were refused so far: whole seconds could not tell before from after. */
const gen = z.number().int().nonnegative();
/** Whose subjects no person has: a revocation names the subject alone. */
const robotSubject = /^(trust|robot):/;

const PersonClaimsSchema = z.object({
  ...registeredClaims,
  sub: registeredClaims.sub.refine((sub) => !robotSubject.test(sub)),
  sid: text,
  ...standing,
  kind: z.literal('user'),
  gen,
});

/** What an outside token was exchanged for: no session, nothing that is not listed, and never the platform's admin. */
const RobotClaimsSchema = z.strictObject({
  ...registeredClaims,
  sub: z.string().regex(/^trust:[a-z0-9-]{1,64}$/),
  ...standing,
  role: RoleSchema.exclude(['PlatformAdmin']),
  kind: z.literal('robot'),
  gen,
});

export const UserClaimsSchema = z
  .discriminatedUnion('kind', [PersonClaimsSchema, RobotClaimsSchema])
  .refine(hasFittingTenant, { error: 'The role and the tenant do not fit', path: ['tenant'] });
export type PersonClaims = z.infer<typeof PersonClaimsSchema>;
export type RobotClaims = z.infer<typeof RobotClaimsSchema>;
/** What an access token says: of a person who signed in, or of a robot that an outside issuer vouches for. */
export type UserClaims = PersonClaims | RobotClaims;
