import { randomBytes } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';
import { hostileNames, type HostileArchive } from './hostile-archive.js';
import { descriptor, extra, zip, type ZipParts } from './zip-bytes.js';

const MB = 1024 * 1024;
const good = ['package.json', { body: '{}' }] as const;
const whole = zip([good]);
const one = (name: string | Buffer, parts: ZipParts = { body: 'x' }): Buffer => zip([[name, parts]]);
const deflated = deflateRawSync('x');
const unicodePath = (name: string, other: string): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt8(1);
  head.writeUInt32LE(crc32(Buffer.from(name)), 1);
  return extra(0x7075, Buffer.concat([head, Buffer.from(other)]));
};

const names: HostileArchive[] = [
  ...hostileNames.map(([what, reason, name]) => [what, reason, one(name)] as const),
  ['a NUL inside of a name', 'control-character', one('a\0b')],
  ['a name in an unknown code page', 'bad-name', one(Buffer.from([0x61, 0x82]), { flags: 0 })],
  ['a name that is no UTF-8', 'bad-name', one(Buffer.from([0x61, 0xff]))],
  ['the same path twice', 'duplicate-entry', zip([good, good])],
  ['the same path twice but for case', 'name-collision', zip([good, ['PACKAGE.json']])],
  ['the same path composed in two ways', 'name-collision', zip([['caf\u00e9'], ['cafe\u0301']])],
  ['a file that becomes a folder', 'file-and-folder', zip([['a'], ['a/b']])],
  ['another name in the local header', 'name-mismatch', one('a', { local: { name: 'b' } })],
  ['another name in an extra field', 'name-mismatch', one('a', { extra: unicodePath('a', '../b') })],
];

const types: HostileArchive[] = [
  ['a symbolic link', 'symlink', one('a', { body: '/etc/passwd', mode: 0o120777 })],
  ['a device', 'device', one('a', { mode: 0o020666 })],
  ['a block device', 'device', one('a', { mode: 0o060666 })],
  ['a fifo', 'fifo', one('a', { mode: 0o010666 })],
  ['a socket', 'socket', one('a', { mode: 0o140666 })],
  ['setuid', 'setuid', one('a', { mode: 0o104755 })],
  ['a file that says it is a folder', 'ambiguous', one('a', { mode: 0o040755 })],
  ['a file that DOS takes for a folder', 'ambiguous', one('a', { attributes: 0x10 })],
  ['a folder that says it is a file', 'ambiguous', one('a/', { mode: 0o100644 })],
  ['a folder with bytes', 'malformed', one('a/', { body: 'x' })],
];

const methods: HostileArchive[] = [
  ['an encrypted entry', 'encrypted', one('a', { flags: 0x0801 })],
  ['a strongly encrypted entry', 'encrypted', one('a', { flags: 0x0841 })],
  ['a masked directory', 'encrypted', one('a', { flags: 0x2800 })],
  ['bzip2', 'unsupported-method', one('a', { method: 12, raw: deflated })],
  ['LZMA', 'unsupported-method', one('a', { method: 14, raw: deflated })],
  ['zstd', 'unsupported-method', one('a', { method: 93, raw: deflated })],
  ['a patch', 'unsupported-method', one('a', { flags: 0x0820 })],
];

const zip64Extra = extra(0x0001, Buffer.alloc(16));
const truth: HostileArchive[] = [
  ['a wrong checksum', 'bad-checksum', one('a', { body: 'x', crc: 1 })],
  ['another checksum in the local header', 'header-mismatch', one('a', { body: 'x', local: { crc: 1 } })],
  ['another method in the local header', 'header-mismatch', one('a', { body: 'x', local: { method: 0 } })],
  ['other flags in the local header', 'header-mismatch', one('a', { body: 'x', local: { flags: 0 } })],
  ['another size in the local header', 'header-mismatch', one('a', { body: 'x', local: { unpacked: 9 } })],
  [
    'more bytes than it says',
    'size-mismatch',
    one('a', { body: 'xxxx', unpacked: 2, local: { unpacked: 2 } }),
  ],
  [
    'fewer bytes than it says',
    'size-mismatch',
    one('a', { body: 'xxxx', unpacked: 9, local: { unpacked: 9 } }),
  ],
  ['a stored entry of two sizes', 'size-mismatch', one('a', { body: 'xxxx', method: 0, unpacked: 9 })],
  [
    'bytes behind the data of an entry',
    'hidden-data',
    one('a', { body: 'x', raw: Buffer.concat([deflated, Buffer.alloc(9)]) }),
  ],
  ['data that does not inflate', 'corrupt', one('a', { body: 'x', raw: Buffer.alloc(8, 0xff) })],
  ['data that does not end', 'truncated', one('a', { body: 'x', raw: deflated.subarray(0, -1) })],
  [
    'a descriptor of something else',
    'header-mismatch',
    one('a', { body: 'x', flags: 0x0808, after: descriptor(1, 2, 3) }),
  ],
  ['no descriptor though announced', 'header-mismatch', one('a', { body: 'x', flags: 0x0808 })],
  ['zip64 in an entry', 'zip64', one('a', { body: 'x', extra: zip64Extra })],
  ['zip64 in the local header only', 'zip64', one('a', { body: 'x', local: { extra: zip64Extra } })],
  ['a size that only zip64 would tell', 'zip64', one('a', { body: 'x', unpacked: 0xffffffff })],
  ['an offset that only zip64 would tell', 'zip64', one('a', { body: 'x', offset: 0xffffffff })],
  [
    'a zip64 end',
    'zip64',
    zip([good], { before: Buffer.concat([Buffer.from('PK\x06\x07', 'latin1'), Buffer.alloc(16)]) }),
  ],
  ['a count that only zip64 would tell', 'zip64', zip([good], { entries: 0xffff })],
];

const structure: HostileArchive[] = [
  [
    'two entries with the same data',
    'name-mismatch',
    zip([
      ['a', { body: 'x' }],
      ['b', { body: 'x', offset: 0 }],
    ]),
  ],
  ['an entry inside of another', 'overlapping-entries', nested()],
  [
    'an entry that reaches into the directory',
    'overlapping-entries',
    one('a', { body: 'x', method: 0, packed: 40, unpacked: 40, local: { packed: 40, unpacked: 40 } }),
  ],
  ['bytes between the entries', 'hidden-data', zip([['a', { body: 'x', after: Buffer.alloc(7) }], good])],
  ['an entry that the directory does not name', 'hidden-data', hidden()],
  ['fewer entries than it has', 'hidden-data', zip([good, ['b', { body: 'x' }]], { entries: 1 })],
  ['more entries than it has', 'truncated', zip([good], { entries: 2 })],
  [
    'a directory with room for anything',
    'hidden-data',
    one('a', { extra: extra(0x6666, Buffer.alloc(9_000)) }),
  ],
  ['bytes between directory and end', 'hidden-data', zip([good], { before: Buffer.alloc(9) })],
  ['a directory that is elsewhere', 'truncated', zip([good], { start: 5000 })],
  ['an offset without a header', 'malformed', one('a', { body: 'x', offset: 3 })],
  ['an offset beyond the end', 'truncated', one('a', { body: 'x', offset: 99_999 })],
  ['bytes after the end', 'trailing-data', Buffer.concat([whole, Buffer.from('#!/bin/sh')])],
  ['a second archive after the end', 'hidden-data', Buffer.concat([whole, one('evil')])],
  ['an end inside of the comment', 'trailing-data', zip([good], { comment: `PK\x05\x06${'\0'.repeat(40)}` })],
  ['no directory', 'truncated', whole.subarray(0, whole.length - 30)],
  ['a cut end', 'truncated', whole.subarray(0, whole.length - 3)],
  ['nothing', 'empty', zip([])],
  ['only folders', 'empty', zip([['a/'], ['a/b/']])],
];

/** The stored bytes of one entry are themselves an entry. */
function nested(): Buffer {
  const inner = one('inner', { body: 'x' }).subarray(0, 30 + 5 + deflated.length);
  return zip([
    ['outer', { body: inner, method: 0 }],
    [
      'inner',
      { body: 'x', offset: 30 + 5, raw: Buffer.alloc(0), packed: deflated.length, after: Buffer.alloc(0) },
    ],
  ]);
}

function hidden(): Buffer {
  const first = one('evil').subarray(0, 30 + 4 + deflated.length);
  const second = zip([['package.json', { body: '{}', offset: first.length }]], {
    start: whole.length - 22 - (46 + 12) + first.length,
  });
  return Buffer.concat([first, second]);
}

const amounts: HostileArchive[] = [
  ['a bomb by its ratio', 'ratio-too-high', one('a', { body: Buffer.alloc(8 * MB) })],
  [
    'a bomb that says it is small',
    'size-mismatch',
    one('a', { body: Buffer.alloc(8 * MB), unpacked: 100, local: { unpacked: 100 } }),
  ],
  ['one entry too large', 'entry-too-large', one('a', { body: 'x', unpacked: 13 * MB })],
  [
    'entries too large together',
    'too-large',
    zip(['a', 'b', 'c'].map((name) => [name, { body: randomBytes(9 * MB), method: 0 }] as const)),
  ],
  [
    'too many entries',
    'too-many-entries',
    zip(Array.from({ length: 201 }, (_, n) => [`f${n}`, { body: 'x' }] as const)),
  ],
  ['too many entries by what it says', 'too-many-entries', zip([good], { entries: 60_000 })],
  ['too large a manifest', 'manifest-too-large', one('package.json', { body: ' '.repeat(4097) })],
];

export const hostileZip: HostileArchive[] = [
  ...names,
  ...types,
  ...methods,
  ...truth,
  ...structure,
  ...amounts,
];
