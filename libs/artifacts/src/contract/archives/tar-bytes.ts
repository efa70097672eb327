import { gzipSync } from 'node:zlib';

export interface TarParts {
  type?: string;
  body?: string | Buffer;
  mode?: number;
  /** What the header says, when that is not true. */
  size?: number | string;
  link?: string;
  prefix?: string;
  magic?: string;
  checksum?: number;
}

export const END = Buffer.alloc(1024);

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;

/** One entry as it lies in a tar: header, body, padding. */
export function tarEntry(name: string | Buffer, parts: TarParts = {}): Buffer {
  const body = Buffer.from(parts.body ?? '');
  const header = Buffer.alloc(512);
  const put = (text: string | Buffer, at: number): void => void Buffer.from(text).copy(header, at);
  const size = parts.size ?? body.length;
  put(name, 0);
  put(octal(parts.mode ?? (parts.type === '5' ? 0o755 : 0o644), 8), 100);
  put(octal(0, 8), 108);
  put(octal(0, 8), 116);
  put(typeof size === 'string' ? Buffer.from(size, 'latin1') : octal(size, 12), 124);
  put(octal(1_700_000_000, 12), 136);
  put('        ', 148);
  put(parts.type ?? '0', 156);
  put(parts.link ?? '', 157);
  put(parts.magic ?? 'ustar\x0000', 257);
  put(parts.prefix ?? '', 345);
  const sum = parts.checksum ?? header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

export const folder = (name: string): Buffer => tarEntry(name, { type: '5' });

export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest) + 1;
  while (Buffer.byteLength(`${length}${rest}`) !== length) length += 1;
  return `${length}${rest}`;
}

export const pax = (...records: [string, string][]): Buffer =>
  tarEntry('PaxHeader/x', { type: 'x', body: records.map(([key, value]) => paxRecord(key, value)).join('') });

export const longName = (name: string): Buffer =>
  tarEntry('././@LongLink', { type: 'L', body: `${name}\0`, magic: 'ustar  \0' });

export const tgz = (...blocks: Buffer[]): Buffer => gzipSync(Buffer.concat([...blocks, END]));
