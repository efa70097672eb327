// What uploading an artefact of 200 MB costs beside writing and hashing the same bytes with plain streams.
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { median, residentMegabytes } from './measure.mjs';
import { startBenchPlatform } from './platform.mjs';

const uploadBytes = 200_000_000;

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-upload-bench-'));
  const platform = await startBenchPlatform({ ARTIFACT_DIR: join(folder, 'artifacts') });
  try {
    return await upload(platform, folder);
  } finally {
    await platform.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A real archive of 200 MB that cannot be compressed, against plain streams that write and hash the same bytes. */
async function upload(platform, folder) {
  const bytes = archiveOf(uploadBytes);
  const checksum = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const put = async (i) => {
    const pluginId = `bench-upload-${i}`;
    const registered = await platform.post(
      '/api/v1/plugins',
      {
        pluginId,
        name: pluginId,
        category: 'Bench',
        publisher: 'Bench',
        version: { semanticVersion: '1.0.0', runtime: { type: 'Container', version: '1' }, checksum },
      },
      platform.token,
    );
    if (!registered.pluginId) throw new Error(JSON.stringify(registered));
    const begun = performance.now();
    const response = await fetch(`${platform.url}/api/v1/plugins/${pluginId}/versions/1.0.0/artifact`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${platform.token}`,
        'content-type': 'application/gzip',
        'content-length': String(bytes.length),
      },
      body: Readable.toWeb(Readable.from(slices(bytes))),
      duplex: 'half',
    });
    if (response.status !== 201)
      throw new Error(`the upload answered ${response.status}: ${await response.text()}`);
    return performance.now() - begun;
  };
  const plain = async () => {
    const file = join(folder, 'plain');
    const begun = performance.now();
    const hash = createHash('sha256');
    await pipeline(
      Readable.from(slices(bytes)),
      async function* (source) {
        for await (const chunk of source) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(file, { flush: true }),
    );
    hash.digest();
    await rm(file);
    return performance.now() - begun;
  };
  await put('warm');
  const before = await residentMegabytes(platform.pid);
  let most = before;
  const watch = setInterval(() => {
    residentMegabytes(platform.pid).then(
      (now) => (most = Math.max(most, now)),
      () => undefined,
    );
  }, 20);
  const [uploads, floors] = [[], []];
  for (let i = 0; i < 3; i += 1) {
    floors.push(await plain());
    uploads.push(await put(i));
  }
  clearInterval(watch);
  const rate = (took) => bytes.length / 1e6 / (took / 1000);
  return [
    { name: 'Upload of 200 MB', value: '', unit: '' },
    { name: '  plain streams: write and hash', value: rate(median(floors)), unit: 'MB/s' },
    {
      name: '  PUT artifact: stage, hash, inspect, keep',
      value: rate(median(uploads)),
      unit: `MB/s, ${(rate(median(uploads)) / rate(median(floors))).toFixed(2)} x plain`,
    },
    { name: '  growth of the platform meanwhile', value: most - before, unit: 'MB resident' },
  ];
}

function* slices(bytes) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

/** A tar of one file of random bytes, in one gzip member. */
function archiveOf(size) {
  const header = Buffer.alloc(512);
  header.write('package/data.bin', 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\0' + '00', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc(((512 - (size % 512)) % 512) + 1024);
  return gzipSync(Buffer.concat([header, randomBytes(size), padding]), { level: 1 });
}
