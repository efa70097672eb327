export interface ScryptCost {
  /** log2 of N */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

export interface ScryptHash extends ScryptCost {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const PATTERN =
  /^\$scrypt\$ln=([1-9]\d?),r=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43,86})$/;
/** What a stored hash may cost us: at ln=20, r=8 a single check takes 1 GiB. */
const MAX_LN = 20;
const MAX_MEMORY = 2 ** 30;
const MAX_P = 16;

export const scryptMemory = ({ ln, r }: ScryptCost): number => 128 * 2 ** ln * r;

export const isBearable = (cost: ScryptCost): boolean =>
  cost.ln <= MAX_LN && cost.p <= MAX_P && scryptMemory(cost) <= MAX_MEMORY;

export function formatScryptHash({ ln, r, p, salt, hash }: ScryptHash): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

export function parseScryptHash(stored: string): ScryptHash | undefined {
  const match = PATTERN.exec(stored);
  if (match === null) return undefined;
  const [, ln = '', r = '', p = '', salt = '', hash = ''] = match;
  const parsed = { ln: Number(ln), r: Number(r), p: Number(p), salt: bytes(salt), hash: bytes(hash) };
  return isBearable(parsed) && formatScryptHash(parsed) === stored ? parsed : undefined;
}

const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
const unpadded = (buffer: Buffer): string => buffer.toString('base64').replaceAll('=', '');
