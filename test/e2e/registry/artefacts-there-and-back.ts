import { createHash } from 'node:crypto';
import type { Client } from '../../support/client.js';
import { openUpload } from '../../support/open-upload.js';
import type { PluginArchive } from '../../support/plugin-archive.js';
import { download, upload } from './a-plugin.js';
import { anArchive, artefactPath, registered } from './publishing.js';

/** What has to hold of uploads and downloads wherever the registry runs and whatever keeps its bytes. */
export function goesThereAndBack(callers: () => { admin: Client }): void {
  let archive: PluginArchive;
  beforeAll(async () => {
    archive = await anArchive({}, 20_000_000);
    await registered(callers().admin, 'there-and-back', archive.checksum, { plugin: { publisher: 'Acme' } });
  });

  it('takes an artefact in chunks, and again whole', async () => {
    const { admin } = callers();
    const begun = await openUpload(admin, artefactPath('there-and-back'));
    for (let at = 0; at < archive.bytes.length; at += 1_000_000)
      await begun.send(archive.bytes.subarray(at, at + 1_000_000));
    begun.finish();
    expect(await begun.answer).toMatchObject({ status: 201, body: { size: archive.bytes.length } });
    begun.abort();
    expect((await upload(admin, 'there-and-back', '1.0.0', archive.bytes)).status).toBe(200);
  });

  it('gives the same bytes back, whole and in part', async () => {
    const { admin } = callers();
    const whole = Buffer.from(await (await download(admin, 'there-and-back', '1.0.0')).arrayBuffer());
    expect(`sha256:${createHash('sha256').update(whole).digest('hex')}`).toBe(archive.checksum);
    const part = await download(admin, 'there-and-back', '1.0.0', { range: 'bytes=1000000-1000099' });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(archive.bytes.subarray(1_000_000, 1_000_100));
    const etag = part.headers.get('etag') ?? '';
    expect((await download(admin, 'there-and-back', '1.0.0', { 'if-none-match': etag })).status).toBe(304);
    const head = await download(admin, 'there-and-back', '1.0.0', {}, 'HEAD');
    expect(head.headers.get('content-length')).toBe(String(archive.bytes.length));
    const beyond = await download(admin, 'there-and-back', '1.0.0', { range: 'bytes=99999999-' });
    expect(beyond.status).toBe(416);
  });

  it('refuses other bytes', async () => {
    const other = await anArchive({}, 2_000_000);
    expect((await upload(callers().admin, 'there-and-back', '1.0.0', other.bytes)).status).toBe(409);
  });
}
