import { crc32, deflateRawSync } from 'node:zlib';

export interface Fields {
  name?: string | Buffer;
  flags?: number;
  method?: number;
  crc?: number;
  packed?: number;
  unpacked?: number;
  extra?: Buffer;
}

export interface ZipParts extends Fields {
  body?: string | Buffer;
  /** The bytes as they lie in the file, when they are not what the method makes of the body. */
  raw?: Buffer;
  mode?: number;
  attributes?: number;
  offset?: number;
  /** What the local header says in contrast to the directory. */
  local?: Fields;
  /** What follows the data. */
  after?: Buffer;
}

export interface ZipEnd {
  entries?: number;
  start?: number;
  bytes?: number;
  comment?: string;
  before?: Buffer;
}

type ZipEntry = readonly [name: string | Buffer, parts?: ZipParts];

const u16 = (value: number): Buffer => Buffer.from([value & 0xff, (value >> 8) & 0xff]);
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

export const extra = (id: number, data: Buffer): Buffer => Buffer.concat([u16(id), u16(data.length), data]);
export const descriptor = (crc: number, packed: number, unpacked: number): Buffer =>
  Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), u32(crc), u32(packed), u32(unpacked)]);

const common = (fields: Required<Omit<Fields, 'name'>>, name: Buffer): Buffer =>
  Buffer.concat([
    u16(20),
    u16(fields.flags),
    u16(fields.method),
    u32(0x58210000),
    u32(fields.crc),
    u32(fields.packed),
    u32(fields.unpacked),
    u16(name.length),
    u16(fields.extra.length),
  ]);

/** A zip of which each field can be a lie. */
export function zip(entries: readonly ZipEntry[], end: ZipEnd = {}): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [given, parts = {}] of entries) {
    const body = Buffer.from(parts.body ?? '');
    const method = parts.method ?? 8;
    const isFolder = Buffer.from(given).at(-1) === 0x2f;
    const raw = parts.raw ?? (method === 8 && !isFolder ? deflateRawSync(body) : body);
    const fields = {
      flags: parts.flags ?? 0x0800,
      method: isFolder ? 0 : method,
      crc: parts.crc ?? crc32(body),
      packed: parts.packed ?? raw.length,
      unpacked: parts.unpacked ?? body.length,
      extra: parts.extra ?? Buffer.alloc(0),
    };
    const { name: localName = given, ...localFields } = parts.local ?? {};
    const local = { ...fields, extra: Buffer.alloc(0), ...localFields };
    const [name, otherName] = [Buffer.from(given), Buffer.from(localName)];
    const file = Buffer.concat([
      Buffer.from('PK\x03\x04', 'latin1'),
      common(local, otherName),
      otherName,
      local.extra,
      raw,
      parts.after ?? Buffer.alloc(0),
    ]);
    const mode = parts.mode ?? (isFolder ? 0o040755 : 0o100644);
    directory.push(
      Buffer.concat([
        Buffer.from('PK\x01\x02', 'latin1'),
        u16(0x0314),
        common(fields, name),
        u16(0),
        u16(0),
        u16(0),
        u32(parts.attributes ?? (mode << 16) >>> 0),
        u32(parts.offset ?? offset),
        name,
        fields.extra,
      ]),
    );
    files.push(file);
    offset += file.length;
  }
  const central = Buffer.concat(directory);
  const comment = Buffer.from(end.comment ?? '', 'latin1');
  return Buffer.concat([
    ...files,
    central,
    end.before ?? Buffer.alloc(0),
    Buffer.from('PK\x05\x06', 'latin1'),
    u16(0),
    u16(0),
    u16(end.entries ?? entries.length),
    u16(end.entries ?? entries.length),
    u32(end.bytes ?? central.length),
    u32(end.start ?? offset),
    u16(comment.length),
    comment,
  ]);
}
