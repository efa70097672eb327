import { randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghijklmnopqrstuv';

/** `usr-3f…`: 80 random bits behind a prefix that tells what it names. */
export function newId(prefix: string): string {
  let id = '';
  for (const byte of randomBytes(16)) id += alphabet.charAt(byte & 31);
  return `${prefix}-${id}`;
}
