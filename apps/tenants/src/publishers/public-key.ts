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
