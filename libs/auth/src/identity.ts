import { z } from 'zod';
import { hasFittingTenant, standing, type UserClaims } from './user-claims.js';

const text = z.string().min(1).max(256);
const count = z.number().int().nonnegative();

/** Who is behind a request, however they proved it. Times in Unix seconds, as in its token. */
export const IdentitySchema = z
  .object({
    subject: text,
    kind: z.enum(['user', 'robot']),
    ...standing,
    sessionId: text.optional(),
    tokenId: text,
    /** Signed tokens are revoked generation by generation; a robot's opaque one has none. */
    generation: count.optional(),
    issuedAt: count,
    expiresAt: count,
    scope: z.array(z.string().min(1).max(128)).max(200).optional(),
  })
  .refine(hasFittingTenant, { error: 'The role and the tenant do not fit', path: ['tenant'] })
  .transform(frozen);
export type Identity = z.infer<typeof IdentitySchema>;

export function identityOfUser(claims: UserClaims): Identity {
  return IdentitySchema.parse({
    subject: claims.sub,
    kind: claims.kind,
    username: claims.username,
    role: claims.role,
    tenant: claims.tenant,
    publishers: claims.publishers,
    sessionId: claims.kind === 'user' ? claims.sid : undefined,
    tokenId: claims.jti,
    generation: claims.gen,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
  });
}

/** One object serves every request of a token: no handler may change it for the next. */
function frozen<T extends { publishers: string[]; scope?: string[] | undefined }>(identity: T) {
  Object.freeze(identity.publishers);
  if (identity.scope) Object.freeze(identity.scope);
  return Object.freeze(identity) as Readonly<Omit<T, 'publishers' | 'scope'>> & {
    readonly publishers: readonly string[];
    readonly scope?: readonly string[];
  };
}
