import { z } from 'zod';
import { registeredClaims } from './inspect-token.js';

/** A service that asks another one speaks for itself, never for a caller. Issuer and type keep it apart from every other token. */
export const PEER_ISSUER = 'switchyard-services';
export const PEER_TOKEN_TYPE = 'peer+jwt';
export const PEER_LIFETIME_SECONDS = 30;

export const PeerClaimsSchema = z.object({ ...registeredClaims, kind: z.literal('peer') });

export const SERVICE_NAME = /^[a-z][a-z0-9-]{0,62}$/;
