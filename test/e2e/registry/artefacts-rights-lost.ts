import { eventually } from '@switchyard/testing';
import type { ArtefactFolder } from '../../support/artefact-folder.js';
import type { Client } from '../../support/client.js';
import { openUpload } from '../../support/open-upload.js';
import { me } from '../../support/sessions.js';
import { mustAnswer } from './a-plugin.js';
import { aDeveloperOf, anArchive, artefactPath, registered } from './publishing.js';

export interface Stage {
  admin: Client;
  signIn: (username: string, password: string) => Promise<Client>;
  place: ArtefactFolder;
}

/** Who loses the right to upload while the bytes come stores nothing, wherever the registry runs. */
export function losesRightsMeanwhile(stage: () => Stage): void {
  const half = async (publisherId: string, chunked: boolean) => {
    const { admin, signIn, place } = stage();
    const { client, userId } = await aDeveloperOf(admin, signIn, publisherId);
    const { bytes, checksum } = await anArchive({}, 300_000);
    await registered(client, `of-${publisherId}`, checksum);
    const path = artefactPath(`of-${publisherId}`);
    const begun = await openUpload(client, path, chunked ? undefined : bytes.length);
    // More than one piece: a gateway holds the last one back.
    await begun.send(bytes.subarray(0, 200_000));
    await eventually(async () => expect(await place.onTheWay()).toHaveLength(1));
    return {
      client,
      userId,
      async finish() {
        await eventually(async () => expect((await client.get(me)).status).toBe(401));
        await begun.send(bytes.subarray(200_000));
        begun.finish();
        const { status } = await begun.answer;
        begun.abort();
        await eventually(async () => expect(await place.onTheWay()).toEqual([]));
        expect(await place.kept()).not.toContain(checksum);
        const version = await admin.get(`/api/v1/plugins/of-${publisherId}/versions/1.0.0`);
        expect(version.body).toMatchObject({ artifact: null });
        return status;
      },
    };
  };

  it.each([false, true])('a session that ends meanwhile stores nothing (in chunks: %s)', async (chunked) => {
    const upload = await half(`signed-out-${String(chunked)}`, chunked);
    await mustAnswer(upload.client.post('/api/v1/authentication/logout'), 200, 204);
    expect(await upload.finish()).toBe(401);
  });

  it('a membership that is taken meanwhile stores nothing', async () => {
    const { admin } = stage();
    const upload = await half('left', false);
    await mustAnswer(admin.delete(`/api/v1/publishers/left/members/${upload.userId}`), 200, 204);
    expect(await upload.finish()).toBe(401);
  });

  it('a user who is disabled meanwhile stores nothing', async () => {
    const { admin } = stage();
    const upload = await half('disabled', true);
    await mustAnswer(admin.post(`/api/v1/users/${upload.userId}/disable`), 200);
    expect(await upload.finish()).toBe(401);
  });
}
