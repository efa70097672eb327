import { randomBytes } from 'node:crypto';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { hostileNames, type HostileArchive } from './hostile-archive.js';
import { END, folder, longName, pax, paxRecord, tarEntry, tgz } from './tar-bytes.js';

const good = tarEntry('package/package.json', { body: '{}' });
const evil = tarEntry('evil', { body: 'x' });
const tar = Buffer.concat([good, END]);
const packed = gzipSync(tar);
const changed = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at < 0 ? copy.length + at : at]! ^= 0xff;
  return copy;
};
const file = (name: string) => tarEntry(name, { body: 'x' });
const MB = 1024 * 1024;

const names: HostileArchive[] = [
  ...hostileNames.map(([what, reason, name]) => [what, reason, tgz(file(name))] as const),
  ['a name that is no UTF-8', 'bad-name', tgz(tarEntry(Buffer.from([0x61, 0xff, 0x62])))],
  ['a NUL inside of a name', 'control-character', tgz(tarEntry('a\0b'))],
  ['too long a name', 'path-too-long', tgz(longName('n'.repeat(301)), file('n'.repeat(99)))],
  ['too long a segment', 'path-too-long', tgz(longName('n'.repeat(256)), file('n'.repeat(99)))],
  ['the same path twice', 'duplicate-entry', tgz(file('a'), file('a'))],
  ['the same path twice, once with ./', 'duplicate-entry', tgz(file('a'), file('./a'))],
  ['the same path twice but for case', 'name-collision', tgz(file('a/read'), file('a/READ'))],
  ['folders that differ by case', 'name-collision', tgz(file('a/x'), file('A/y'))],
  ['the same path composed in two ways', 'name-collision', tgz(file('caf\u00e9'), file('cafe\u0301'))],
  ['a sharp s and two', 'name-collision', tgz(file('stra\u00dfe'), file('STRASSE'))],
  ['a file that becomes a folder', 'file-and-folder', tgz(file('a'), file('a/b'))],
  ['a folder that becomes a file', 'file-and-folder', tgz(file('a/b'), file('a'))],
];

const types: HostileArchive[] = [
  ['a symbolic link', 'symlink', tgz(tarEntry('a', { type: '2', link: '/etc/passwd' }))],
  ['a symbolic link to inside', 'symlink', tgz(tarEntry('a', { type: '2', link: 'b' }))],
  ['a hard link', 'hardlink', tgz(good, tarEntry('a', { type: '1', link: 'package/package.json' }))],
  ['a long link', 'symlink', tgz(tarEntry('././@LongLink', { type: 'K', body: 'x\0' }))],
  ['a character device', 'device', tgz(tarEntry('a', { type: '3' }))],
  ['a block device', 'device', tgz(tarEntry('a', { type: '4' }))],
  ['a fifo', 'fifo', tgz(tarEntry('a', { type: '6' }))],
  ['a sparse file of GNU', 'sparse', tgz(tarEntry('a', { type: 'S', magic: 'ustar  \0' }))],
  ['a sparse file of pax', 'sparse', tgz(pax(['GNU.sparse.major', '1']), evil)],
  ['a continuation of another volume', 'unsupported-type', tgz(tarEntry('a', { type: 'M' }))],
  ['a volume name', 'unsupported-type', tgz(tarEntry('a', { type: 'V' }))],
  ['an unknown type', 'unsupported-type', tgz(tarEntry('a', { type: 'Z' }))],
  ['a file that has a link', 'malformed', tgz(tarEntry('a', { link: 'b' }))],
  ['setuid', 'setuid', tgz(tarEntry('a', { mode: 0o4755 }))],
  ['setgid on a folder', 'setuid', tgz(tarEntry('a', { type: '5', mode: 0o2755 }))],
];

const descriptions: HostileArchive[] = [
  ['another path by pax', 'pax-override', tgz(pax(['path', 'package/index.js']), good)],
  ['a way up by pax', 'path-traversal', tgz(pax(['path', `../${'n'.repeat(100)}`]), evil)],
  ['another size by pax', 'pax-override', tgz(pax(['size', '0']), evil)],
  ['another mode by pax', 'pax-override', tgz(pax(['mode', '2541']), evil)],
  ['another type by pax', 'pax-override', tgz(pax(['type', '2']), evil)],
  ['a link by pax', 'pax-override', tgz(pax(['linkpath', '/etc/passwd']), evil)],
  ['another charset', 'pax-override', tgz(pax(['hdrcharset', 'BINARY']), evil)],
  [
    'a path for all by pax',
    'pax-override',
    tgz(tarEntry('g', { type: 'g', body: paxRecord('path', 'package/index.js') }), good),
  ],
  [
    'a record inside of a value',
    'malformed',
    tgz(pax(['comment', `x\n${paxRecord('path', `package/${'n'.repeat(100)}`)}`]), evil),
  ],
  [
    'a record longer than the header',
    'malformed',
    tgz(tarEntry('x', { type: 'x', body: '99 path=a\n' }), evil),
  ],
  ['a pax header without records', 'malformed', tgz(tarEntry('x', { type: 'x', body: 'path=a\n' }), evil)],
  ['one pax header on another', 'malformed', tgz(pax(['comment', 'a']), pax(['comment', 'b']), evil)],
  ['a pax header for nothing', 'malformed', tgz(good, pax(['comment', 'a']))],
  ['a long name for a short one', 'pax-override', tgz(longName('package/index.js'), good)],
  ['a long name that leads up', 'path-traversal', tgz(longName(`../${'n'.repeat(120)}`), evil)],
  [
    'a huge description',
    'malformed',
    tgz(tarEntry('x', { type: 'x', body: Buffer.alloc(70_000, 0x61) }), evil),
  ],
];

const structure: HostileArchive[] = [
  ['a wrong header checksum', 'bad-checksum', tgz(tarEntry('a', { checksum: 1 }))],
  ['a size that is no number', 'malformed', tgz(tarEntry('a', { size: '0000000000x\0' }))],
  ['a size in binary', 'malformed', tgz(tarEntry('a', { size: '\x80\0\0\0\0\0\0\0\0\0\0\x05' }))],
  ['a negative size', 'malformed', tgz(tarEntry('a', { size: '-0000000001\0' }))],
  ['a folder with bytes', 'malformed', tgz(tarEntry('a', { type: '5', body: evil }))],
  ['a file with a slash and bytes', 'malformed', tgz(tarEntry('a/', { body: evil }))],
  ['an unknown magic', 'malformed', tgz(tarEntry('a', { magic: 'rusta\x0000' }))],
  ['no end', 'truncated', gzipSync(good)],
  ['half an end', 'truncated', gzipSync(Buffer.concat([good, Buffer.alloc(512)]))],
  ['less than it says', 'truncated', gzipSync(tarEntry('a', { size: 99_999 }))],
  ['an entry after the end', 'hidden-data', gzipSync(Buffer.concat([tar, evil, END]))],
  [
    'an entry after half an end',
    'hidden-data',
    gzipSync(Buffer.concat([good, Buffer.alloc(512), evil, END])),
  ],
  ['nothing', 'empty', tgz()],
  ['only folders', 'empty', tgz(folder('a/'))],
  ['a gzip that is cut', 'truncated', packed.subarray(0, packed.length - 20)],
  ['a gzip that is cut in its trailer', 'truncated', packed.subarray(0, packed.length - 4)],
  ['a gzip that is cut in its header', 'truncated', packed.subarray(0, 6)],
  ['a wrong gzip checksum', 'bad-checksum', changed(packed, -8)],
  ['a wrong gzip length', 'bad-checksum', changed(packed, -1)],
  ['a second gzip member', 'trailing-data', Buffer.concat([packed, gzipSync(evil)])],
  ['bytes after the gzip', 'trailing-data', Buffer.concat([packed, Buffer.from('#!/bin/sh')])],
  ['one zero after the gzip', 'trailing-data', Buffer.concat([packed, Buffer.alloc(1)])],
  ['an unknown method of gzip', 'malformed', changed(packed, 2)],
  ['data that does not inflate', 'corrupt', Buffer.concat([packed.subarray(0, 10), Buffer.alloc(60, 0xff)])],
  ['a gzip of something else', 'malformed', gzipSync(randomBytes(4096))],
  ['a gzip in a gzip', 'bad-checksum', gzipSync(Buffer.concat([packed, Buffer.alloc(2048)]))],
];

const bomb = (bytes: number): Buffer => {
  const header = tarEntry('package/zeros', { size: bytes });
  return gzipSync(Buffer.concat([header, Buffer.alloc(bytes), END]));
};
/** Deflated zeros without end, as far as anybody reads: 800 MB in 800 kB. */
const endless = (): Buffer => {
  const zeros = deflateRawSync(Buffer.alloc(8 * MB), { finishFlush: 2 });
  const header = deflateRawSync(tarEntry('package/zeros', { size: 12 * MB }), { finishFlush: 2 });
  return Buffer.concat([packed.subarray(0, 10), header, ...Array.from({ length: 100 }, () => zeros)]);
};

const amounts: HostileArchive[] = [
  ['a bomb by its ratio', 'ratio-too-high', bomb(8 * MB)],
  ['a bomb that goes on and on', 'hidden-data', endless()],
  ['one entry too large', 'entry-too-large', bomb(13 * MB)],
  [
    'few entries with very many folders',
    'too-many-entries',
    tgz(...Array.from({ length: 40 }, (_, n) => file(`${`${n}/`.repeat(14)}x`))),
  ],
  ['too many entries', 'too-many-entries', tgz(...Array.from({ length: 201 }, (_, n) => file(`f${n}`)))],
  [
    'entries too large together',
    'too-large',
    gzipSync(
      Buffer.concat([...['a', 'b', 'c'].map((name) => tarEntry(name, { body: randomBytes(9 * MB) })), END]),
      { level: 0 },
    ),
  ],
  ['too large a manifest', 'manifest-too-large', tgz(tarEntry('package.json', { body: ' '.repeat(4097) }))],
  [
    'too large a manifest in the root',
    'manifest-too-large',
    tgz(tarEntry('package/switchyard.json', { body: ' '.repeat(4097) })),
  ],
];

export const hostileTgz: HostileArchive[] = [...names, ...types, ...descriptions, ...structure, ...amounts];
