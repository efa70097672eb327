import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

export const PublicJwkSchema = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
  kid: coordinate,
  alg: z.literal('ES256'),
  use: z.literal('sig'),
});
export type PublicJwk = z.infer<typeof PublicJwkSchema>;

export interface SigningKey {
  /** RFC 7638 thumbprint: the same key has the same id everywhere, and no other key can claim it. */
  readonly kid: string;
  readonly alg: 'ES256';
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicJwk: PublicJwk;
  /** Epoch milliseconds, as every time here that is not a claim. */
  readonly notBefore: number;
}

export function generateSigningKey(now: number): SigningKey {
  return fromPrivateKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, now);
}

/** PKCS8 PEM in the clear: encrypt it before it is stored. */
export function exportSigningKey(key: SigningKey): string {
  return key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export function importSigningKey(pem: string, notBefore: number): SigningKey {
  return fromPrivateKey(readPem(pem), notBefore);
}

/** Verifies with exactly these keys; a JWK whose `kid` is not its own thumbprint is refused. */
export function keyLookup(jwks: Iterable<PublicJwk>): (kid: string) => KeyObject | undefined {
  const keys = new Map<string, KeyObject>();
  for (const jwk of jwks) {
    const { kty, crv, x, y, kid } = PublicJwkSchema.parse(jwk);
    if (thumbprint(x, y) !== kid)
      throw new Error(`Public key ${kid}: the kid is not the thumbprint of the key`);
    keys.set(kid, createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' }));
  }
  return (kid) => keys.get(kid);
}

function fromPrivateKey(privateKey: KeyObject, notBefore: number): SigningKey {
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Error('A signing key is a private key on the curve P-256');
  }
  const publicKey = createPublicKey(privateKey);
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const kid = thumbprint(x, y);
  const publicJwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' };
  return { kid, alg: 'ES256', privateKey, publicKey, publicJwk, notBefore };
}

function readPem(pem: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    // OpenSSL's own message is not passed on: it is about the content of a secret.
    throw new Error('A signing key is imported from PKCS8 PEM text');
  }
}

/** RFC 7638 fixes these members in this order. */
function thumbprint(x: string, y: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
    .digest('base64url');
}
