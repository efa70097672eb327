import { sign } from 'node:crypto';
import { otherS } from '../es256-signature.js';
import { encode, forge, goodHeader, type Cases, type HostileTokenInput } from './forge.js';

const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
const PRIME = 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff';
const ZERO = '00'.repeat(32);
const ONE = `${'00'.repeat(31)}01`;

export function signatureCases({ key, otherKey, claims }: HostileTokenInput): Cases {
  const [header = '', payload = '', signature = ''] = forge(key, goodHeader(key), claims).split('.');
  const input = `${header}.${payload}`;
  const bytes = Buffer.from(signature, 'base64url');
  const withBytes = (replaced: Buffer): string => `${input}.${replaced.toString('base64url')}`;
  const withHex = (r: string, s: string): string => withBytes(Buffer.from(r + s, 'hex'));
  const der = sign('sha256', Buffer.from(input), key.privateKey);
  const ofOther = forge(otherKey, goodHeader(key), claims).split('.')[2] ?? '';
  const half = bytes.toString('hex', 0, 32);
  return {
    'r = s = 0 (psychic signature)': withHex(ZERO, ZERO),
    'r = 0': withHex(ZERO, bytes.toString('hex', 32)),
    's = 0': withHex(half, ZERO),
    'r = s = 1': withHex(ONE, ONE),
    'r = s = n': withHex(ORDER, ORDER),
    'r = n, s = 1': withHex(ORDER, ONE),
    'r = p, s = 1': withHex(PRIME, ONE),
    'all ones': withBytes(Buffer.alloc(64, 0xff)),
    'the second valid signature (r, n - s)': withBytes(otherS(bytes)),
    'r and s swapped': withBytes(Buffer.concat([bytes.subarray(32), bytes.subarray(0, 32)])),
    'DER instead of r and s': withBytes(der),
    'one byte short': withBytes(bytes.subarray(0, 63)),
    'one byte long': withBytes(Buffer.concat([bytes, Buffer.of(0)])),
    'one byte in front': withBytes(Buffer.concat([Buffer.of(0), bytes])),
    doubled: withBytes(Buffer.concat([bytes, bytes])),
    'only r': withBytes(bytes.subarray(0, 32)),
    'of another key': `${input}.${ofOther}`,
    'of another payload': `${header}.${encode({ ...claims, sub: 'root' })}.${signature}`,
    'in hex': `${input}.${bytes.toString('hex')}`,
    'in plain base64': `${input}.${bytes.toString('base64')}`,
    ...bitFlips(bytes, withBytes),
    ...escalations({ header, signature, claims }),
  };
}

function bitFlips(signature: Buffer, withBytes: (replaced: Buffer) => string): Cases {
  const bits = [0, 7, 8, 100, 255, 256, 263, 300, 400, 504, 511];
  return Object.fromEntries(
    bits.map((bit) => {
      const flipped = Buffer.from(signature);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return [`bit ${bit} flipped`, withBytes(flipped)];
    }),
  );
}

function escalations(good: {
  header: string;
  signature: string;
  claims: HostileTokenInput['claims'];
}): Cases {
  const changes: Record<string, object> = {
    'role PlatformAdmin': { role: 'PlatformAdmin', tenant: null },
    'role TenantAdmin': { role: 'TenantAdmin', tenant: 'other-tenant' },
    'another tenant': { role: 'Viewer', tenant: 'other-tenant' },
    'another user': { sub: 'other-user' },
    'another publisher': { publishers: ['other-publisher'] },
    'another session': { sid: 'other-session' },
    'a longer life': { exp: Number(good.claims['exp']) + 600 },
  };
  return Object.fromEntries(
    Object.entries(changes).map(([name, change]) => [
      `reused for ${name}`,
      `${good.header}.${encode({ ...good.claims, ...change })}.${good.signature}`,
    ]),
  );
}
