import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { eventually } from '@switchyard/testing';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { upload } from './a-plugin.js';
import { anArchive, artefactPath, registered } from './publishing.js';

const MB = 1024 * 1024;
const size = 64 * MB;

describe('a large artefact', () => {
  let platform: RunningPlatform;
  beforeAll(async () => (platform = await startPlatform({ ARTIFACT_MAX_MB: '100' })));
  afterAll(() => platform.stop());

  const memory = async (): Promise<number> => {
    const status = await readFile(`/proc/${platform.child.pid ?? 0}/status`, 'utf8');
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  };

  /** Reads nothing until told to. */
  async function beginDownload() {
    const { hostname, port } = new URL(platform.url);
    const socket = connect({ port: Number(port), host: hostname });
    socket.pause();
    socket.write(
      `GET ${artefactPath('large')} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${platform.admin.token ?? ''}\r\n\r\n`,
    );
    return {
      async read() {
        const chunks: Buffer[] = [];
        for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
        const all = Buffer.concat(chunks);
        return all.subarray(all.indexOf('\r\n\r\n') + 4);
      },
    };
  }

  it('is held in no memory: five readers that stand still cost less than one of it', async () => {
    const { bytes, checksum } = await anArchive({}, size);
    await registered(platform.admin, 'large', checksum, { plugin: { publisher: 'Acme' } });
    const before = await memory();
    expect((await upload(platform.admin, 'large', '1.0.0', bytes)).status).toBe(201);
    const afterUpload = await memory();
    expect(afterUpload - before).toBeLessThan(size);

    const readers = [];
    for (let i = 0; i < 5; i += 1) readers.push(await beginDownload());
    await eventually(async () => expect(await openFiles(platform, checksum)).toBe(5));
    const held = (await memory()) - afterUpload;
    expect(held).toBeLessThan(size / 2);
    for (const reader of readers)
      expect(
        `sha256:${createHash('sha256')
          .update(await reader.read())
          .digest('hex')}`,
      ).toBe(checksum);
    await eventually(async () => expect(await openFiles(platform, checksum)).toBe(0));
    console.info(
      `${size / MB} MB: ${Math.round((afterUpload - before) / MB)} MB more after the upload, ${Math.round(held / MB)} MB for five slow readers`,
    );
  });
});

async function openFiles({ child }: RunningPlatform, checksum: string): Promise<number> {
  const folder = `/proc/${child.pid ?? 0}/fd`;
  const targets = await Promise.all(
    (await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => '')),
  );
  return targets.filter((target) => target.endsWith(checksum.slice(7))).length;
}
