import { sign, verify, type KeyObject } from 'node:crypto';

/**
 * For every valid ECDSA signature (r, s) there is a second one, (r, n - s), that anybody can compute. Only the lower s
 * is made and accepted here, so that a token has exactly one spelling.
 */
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const HALF_ORDER = Buffer.from((ORDER >> 1n).toString(16).padStart(64, '0'), 'hex');
const HALF = 32;

export const ES256_SIGNATURE_BYTES = 2 * HALF;

export const isLowS = (signature: Buffer): boolean => signature.subarray(HALF).compare(HALF_ORDER) <= 0;

export function otherS(signature: Buffer): Buffer {
  const s = ORDER - BigInt(`0x${signature.toString('hex', HALF)}`);
  return Buffer.concat([signature.subarray(0, HALF), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
}

export function signEs256(input: string, privateKey: KeyObject): Buffer {
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return isLowS(signature) ? signature : otherS(signature);
}

export function verifyEs256(input: string, signature: Buffer, publicKey: KeyObject): boolean {
  return (
    publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1' &&
    verify('sha256', Buffer.from(input), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
  );
}
