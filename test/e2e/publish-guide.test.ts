import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startPlatform, type RunningPlatform } from '../support/start-platform.js';
import { register } from './registry/a-plugin.js';

const run = promisify(execFile);
const guide = new URL('../../docs/guides/publish-from-ci.md', import.meta.url);

describe('the guide to publishing from CI', () => {
  let platform: RunningPlatform;
  let folder: string;
  let temporary: string;
  let script: string;
  let token: string;

  beforeAll(async () => {
    platform = await startPlatform();
    folder = await mkdtemp(join(tmpdir(), 'switchyard-guide-'));
    temporary = await mkdtemp(join(tmpdir(), 'switchyard-guide-temporary-'));
    const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(await readFile(guide, 'utf8')) ?? [];
    script = join(folder, 'publish.sh');
    await writeFile(script, block);
    await platform.admin.post('/api/v1/publishers', { publisherId: 'acme', name: 'Acme Corp' });
    const robot = await platform.admin.post('/api/v1/publishers/acme/robots', { name: 'ci' });
    token = (robot.body as { token: string }).token;
    await register(platform.admin, 'words', { publisher: 'Acme Corp' });
    await write('1.0.0');
    await writeFile(join(folder, 'index.js'), 'module.exports = { name: "greeter", load() {} };');
    await writeFile(
      join(folder, 'plugin.json'),
      JSON.stringify({
        pluginId: 'greeter',
        name: 'Greeter',
        category: 'Demo',
        publisher: 'Acme Corp',
        version: { dependencies: [{ dependencyId: 'words', versionConstraint: '^1.0.0', required: true }] },
        capabilities: [{ capabilityId: 'IGreeter', name: 'Greeter', version: '1.0', methods: [] }],
      }),
    );
  });
  afterAll(async () => {
    await platform.stop();
    for (const each of [folder, temporary, `${temporary}-home`])
      await rm(each, { recursive: true, force: true });
  });

  const write = (version: string) =>
    writeFile(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'greeter', version, main: 'index.js', license: 'MIT' }),
    );
  const publish = (env: Record<string, string> = {}) =>
    run('sh', [script], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: `${temporary}-home`,
        TMPDIR: temporary,
        SWITCHYARD_URL: platform.url,
        SWITCHYARD_TOKEN: token,
        ...env,
      },
    });

  it('publishes a plugin with its first version, word for word, and again without harm', async () => {
    expect((await publish()).stdout).toContain('published greeter 1.0.0 (sha256:');
    expect((await publish()).stdout).toContain('published greeter 1.0.0 (sha256:');
    const { body } = await platform.admin.get('/api/v1/plugins/greeter/versions/1.0.0');
    expect(body).toMatchObject({
      state: 'Beta',
      artifact: { format: 'tgz' },
      manifest: { license: 'MIT' },
      dependencies: [{ dependencyId: 'words' }],
    });
    expect((await readdir(folder)).sort()).toEqual(['index.js', 'package.json', 'plugin.json', 'publish.sh']);
    expect(await readdir(temporary)).toEqual([]);
    expect(await platform.admin.get('/api/v1/plugins/greeter')).toMatchObject({
      body: { status: 'Approved', publisher: 'Acme Corp', versionCount: 1 },
    });
  });

  it('publishes the next version, signed and promoted', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const key = await platform.admin.post('/api/v1/publishers/acme/keys', { name: 'ci', publicKey: pem });
    const keyFile = join(folder, 'key.pem');
    await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await write('1.1.0');
    const signing = {
      SIGNING_KEY_FILE: keyFile,
      SIGNING_KEY_ID: (key.body as { keyId: string }).keyId,
      PROMOTE_TO: 'Stable',
    };
    expect((await publish(signing)).stdout).toContain('published greeter 1.1.0');
    expect((await publish(signing)).stdout).toContain('published greeter 1.1.0');
    expect(await platform.admin.get('/api/v1/plugins/greeter/versions/1.1.0/verify')).toMatchObject({
      body: { verified: true, signatures: [{ valid: true }] },
    });
    expect(await platform.admin.get('/api/v1/plugins/greeter')).toMatchObject({
      body: { latestVersion: '1.1.0', versions: [{ semanticVersion: '1.1.0', state: 'Stable' }, {}] },
    });
  });

  it('ends the job with what the platform said when other bytes are published under a number', async () => {
    await writeFile(join(folder, 'index.js'), 'module.exports = {};');
    await expect(publish()).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/answered 409:[\s\S]*a version never changes/),
    });
  });

  it('ends the job when the token is not good', async () => {
    await expect(publish({ SWITCHYARD_TOKEN: 'swyrobot_no_token' })).rejects.toMatchObject({
      stderr: expect.stringContaining('answered 401'),
    });
  });
});
