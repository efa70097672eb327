import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { makeArtefactFolder, type ArtefactFolder } from '../../support/artefact-folder.js';
import type { Client } from '../../support/client.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { mustAnswer, upload } from './a-plugin.js';
import { aDeveloperOf, anArchive, registered } from './publishing.js';

interface Key {
  keyId: string;
  privateKey: KeyObject;
}

describe('signatures', () => {
  let place: ArtefactFolder;
  let platform: RunningPlatform;
  let acme: Client;
  let globex: Client;
  let key: Key;

  beforeAll(async () => {
    place = await makeArtefactFolder();
    platform = await startPlatform(place.env);
    acme = (await aDeveloperOf(platform.admin, platform.signIn, 'acme')).client;
    globex = (await aDeveloperOf(platform.admin, platform.signIn, 'globex')).client;
    key = await aKeyOf('acme', acme);
  });
  afterAll(async () => {
    await platform.stop();
    await place.remove();
  });

  async function aKeyOf(publisherId: string, client: Client): Promise<Key> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const { body } = await mustAnswer(
      client.post(`/api/v1/publishers/${publisherId}/keys`, { name: 'release', publicKey: pem }),
      201,
    );
    return { keyId: (body as { keyId: string }).keyId, privateKey };
  }
  const revoke = ({ keyId }: Key) =>
    mustAnswer(acme.delete(`/api/v1/publishers/acme/keys/${keyId}`), 200, 204);

  async function published(pluginId: string): Promise<string> {
    const { bytes, checksum } = await anArchive();
    await registered(acme, pluginId, checksum);
    expect((await upload(acme, pluginId, '1.0.0', bytes)).status).toBe(201);
    return checksum;
  }
  const signature = (by: Key, pluginId: string, checksum: string, version = '1.0.0') =>
    sign(
      null,
      Buffer.from(`switchyard-artifact-v1\n${pluginId}\n${version}\n${checksum}\n`),
      by.privateKey,
    ).toString('base64');
  const at = (pluginId: string) => `/api/v1/plugins/${pluginId}/versions/1.0.0`;
  const give = (by: Client, pluginId: string, keyId: string, text: string) =>
    by.put(`${at(pluginId)}/signature`, { keyId, signature: text });
  const isSigned = async (pluginId: string) =>
    ((await acme.get(at(pluginId))).body as { signed: boolean }).signed;
  const verified = async (pluginId: string) => (await globex.get(`${at(pluginId)}/verify`)).body;
  const outcomes = (signatures: string, bytes: string, archive = 'passed') => [
    { check: 'signatures', outcome: signatures },
    { check: 'bytes', outcome: bytes },
    { check: 'archive', outcome: archive },
  ];

  it('of a key of the publisher makes a version signed, and verify says what was checked', async () => {
    const checksum = await published('signed-well');
    expect(await isSigned('signed-well')).toBe(false);
    expect(await verified('signed-well')).toMatchObject({
      verified: false,
      signatures: [],
      checks: outcomes('not-checked', 'passed'),
    });
    const text = signature(key, 'signed-well', checksum);
    const answer = await give(acme, 'signed-well', key.keyId, text);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        checksum,
        verified: true,
        signatures: [{ keyId: key.keyId, valid: true, reason: null }],
        checks: outcomes('passed', 'passed'),
      },
    });
    expect(await isSigned('signed-well')).toBe(true);
    expect((await give(acme, 'signed-well', key.keyId, text)).body).toEqual(answer.body);
    expect(await verified('signed-well')).toEqual(answer.body);
  });

  it('that does not fit is refused: of other bytes, another version, another plugin or another key', async () => {
    const checksum = await published('signed-badly');
    const other = await aKeyOf('acme', acme);
    for (const text of [
      signature(key, 'signed-badly', `sha256:${'0'.repeat(64)}`),
      signature(key, 'signed-badly', checksum, '1.0.1'),
      signature(key, 'another-plugin', checksum),
      signature(other, 'signed-badly', checksum),
      Buffer.alloc(64).toString('base64'),
    ])
      expect(await give(acme, 'signed-badly', key.keyId, text)).toMatchObject({
        status: 400,
        body: { error: { code: 'VALIDATION_ERROR', details: [{ field: 'signature' }] } },
      });
    for (const text of ['', 'no base64!', Buffer.alloc(63).toString('base64')])
      expect((await give(acme, 'signed-badly', key.keyId, text)).status).toBe(400);
    expect(await isSigned('signed-badly')).toBe(false);
  });

  it('of a key that the publisher has not is refused, whoever else has it', async () => {
    const checksum = await published('signed-elsewhere');
    const foreign = await aKeyOf('globex', globex);
    const text = signature(foreign, 'signed-elsewhere', checksum);
    expect((await give(acme, 'signed-elsewhere', foreign.keyId, text)).status).toBe(404);
    expect((await give(globex, 'signed-elsewhere', foreign.keyId, text)).status).toBe(403);
    expect((await give(acme, 'signed-elsewhere', 'key_missing', text)).status).toBe(404);
    expect(await isSigned('signed-elsewhere')).toBe(false);
  });

  it('of a key that was revoked is refused, and one that it made before counts no more', async () => {
    const early = await published('signed-early');
    const late = await published('signed-late');
    const short = await aKeyOf('acme', acme);
    const first = await give(acme, 'signed-early', short.keyId, signature(short, 'signed-early', early));
    expect(first).toMatchObject({ status: 200, body: { verified: true } });
    await revoke(short);
    expect(await give(acme, 'signed-late', short.keyId, signature(short, 'signed-late', late))).toMatchObject(
      {
        status: 409,
        body: { error: { message: expect.stringContaining('was revoked') as string } },
      },
    );
    expect(await verified('signed-early')).toMatchObject({
      verified: false,
      signatures: [{ valid: false, reason: expect.stringContaining('revoked') as string }],
      checks: outcomes('failed', 'passed'),
    });
    await give(acme, 'signed-early', key.keyId, signature(key, 'signed-early', early));
    expect(await verified('signed-early')).toMatchObject({ verified: true });
  });

  it('say nothing for bytes that rotted: verify reads them again', async () => {
    const checksum = await published('tampered');
    await give(acme, 'tampered', key.keyId, signature(key, 'tampered', checksum));
    expect(await verified('tampered')).toMatchObject({ verified: true });
    await writeFile(place.pathOf(checksum), 'something else');
    expect(await verified('tampered')).toMatchObject({
      verified: false,
      checks: outcomes('passed', 'failed'),
    });
  });

  it('may be given before the bytes come, which then are not checked', async () => {
    const { checksum } = await anArchive();
    await registered(acme, 'signed-first', checksum);
    const text = signature(key, 'signed-first', checksum);
    expect(await give(acme, 'signed-first', key.keyId, text)).toMatchObject({
      status: 200,
      body: { verified: false, checks: outcomes('passed', 'not-checked', 'not-checked') },
    });
    expect(await isSigned('signed-first')).toBe(true);
  });
});
