import { z } from 'zod';
import { IdentitySchema } from './identity.js';
import { registeredClaims } from './inspect-token.js';

/** What keeps a service identity and a user token apart: the key, and each of these besides. */
export const IDENTITY_ISSUER = 'switchyard-gateway';
export const IDENTITY_TOKEN_TYPE = 'svc+jwt';
export const IDENTITY_LIFETIME_SECONDS = 30;

export const ServiceClaimsSchema = z.object({
  ...registeredClaims,
  kind: z.literal('service'),
  identity: IdentitySchema,
});
