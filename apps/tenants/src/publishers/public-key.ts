import { createPublicKey, type KeyObject } from 'node:crypto';
import { AppError } from '@switchyard/errors';

/** Reads an Ed25519 public key in either of the two ways people hold one, and writes it in one. */
export function normalisePublicKey(text: string): string {
  const key = readPem(text.trim()) ?? readRaw(text.trim());
  if (key?.asymmetricKeyType !== 'ed25519')
    throw new AppError('VALIDATION_ERROR', 'publicKey is not an Ed25519 public key', {
      details: [
        { field: 'publicKey', message: 'expected a PEM block (BEGIN PUBLIC KEY) or the base64 of 32 bytes' },
      ],
    });
  if (isOfSmallOrder(key))
    throw new AppError(
      'VALIDATION_ERROR',
      'publicKey is a point of small order, under which anything is signed',
      {
        details: [{ field: 'publicKey', message: 'expected a key that was generated' }],
      },
    );
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function readPem(text: string): KeyObject | undefined {
  if (!text.startsWith('-----BEGIN PUBLIC KEY-----')) return undefined;
  try {
    return createPublicKey(text);
  } catch {
    return undefined;
  }
}

function readRaw(text: string): KeyObject | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32 || !/^[A-Za-z0-9+/]{43}=?$/.test(text)) return undefined;
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
    format: 'jwk',
  });
}

/** The eight points of small order and their other spellings, without the sign: signatures that fit them need no private key. */
const smallOrder = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

function isOfSmallOrder(key: KeyObject): boolean {
  const bytes = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  bytes.writeUInt8(bytes.readUInt8(31) & 0x7f, 31);
  return smallOrder.has(bytes.toString('hex'));
}
