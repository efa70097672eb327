import { makeArtefactFolder, type ArtefactFolder } from '../../support/artefact-folder.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { upload } from './a-plugin.js';
import { anArchive, registered } from './publishing.js';

const json = (value: unknown): string => JSON.stringify(value);

describe('the manifest in an artefact', () => {
  let place: ArtefactFolder;
  let platform: RunningPlatform;
  let count = 0;
  beforeAll(async () => {
    place = await makeArtefactFolder();
    platform = await startPlatform(place.env);
  });
  afterAll(async () => {
    await platform.stop();
    await place.remove();
  });

  /** Registers a version for an archive of these files, uploads it, and says what became of both. */
  async function published(files: Record<string, string | Buffer>, version: object = {}) {
    count += 1;
    const pluginId = `manifest-${count}`;
    const { bytes, checksum } = await anArchive(files);
    await registered(platform.admin, pluginId, checksum, { plugin: { publisher: 'Acme' }, version });
    const answer = await upload(platform.admin, pluginId, '1.0.0', bytes);
    const after = await platform.admin.get(`/api/v1/plugins/${pluginId}/versions/1.0.0`);
    return {
      status: answer.status,
      answered: (await answer.json()) as {
        error?: { code: string; details: { field: string; message: string }[] };
      },
      version: after.body as Record<string, unknown>,
      isKept: (await place.kept()).includes(checksum),
    };
  }

  it('is what switchyard.json and package.json say together with the registration', async () => {
    const { status, version } = await published(
      {
        'switchyard.json': json({ permissions: ['http:external'], email: 'dev@example.com' }),
        'package.json': json({
          name: 'x',
          version: '1.0.0',
          main: './dist/main.js',
          license: 'MIT',
          engines: { node: '>=20' },
          dependencies: { lodash: '^4.17.0' },
        }),
      },
      { manifest: { homepage: 'https://example.com/plugin' } },
    );
    expect(status).toBe(201);
    expect(version['manifest']).toMatchObject({
      homepage: 'https://example.com/plugin',
      permissions: ['http:external'],
      email: 'dev@example.com',
      entryPoint: 'dist/main.js',
      license: 'MIT',
      engines: { node: '>=20' },
      packages: { lodash: '^4.17.0' },
    });
  });

  it('leaves package.json out of it where the runtime is none of Node', async () => {
    const { status, version } = await published(
      { 'package.json': json({ version: '9.9.9', license: 'MIT' }) },
      { runtime: { type: 'DotNet8', version: '8.0' } },
    );
    expect(status).toBe(201);
    expect(version['manifest']).toBeNull();
  });

  it.each([
    [
      'another version in package.json',
      { 'package.json': json({ version: '2.0.0' }) },
      {},
      'package.json.version',
    ],
    [
      'another licence than was registered',
      { 'switchyard.json': json({ license: 'MIT' }) },
      { manifest: { license: 'Apache-2.0' } },
      'manifest.license',
    ],
    [
      'two entry points',
      {
        'switchyard.json': json({ entryPoint: 'a.js' }),
        'package.json': json({ version: '1.0.0', main: 'b.js' }),
      },
      {},
      'manifest.entryPoint',
    ],
    ['a field that there is not', { 'switchyard.json': json({ authorr: 'me' }) }, {}, 'switchyard.json'],
    ['no JSON', { 'switchyard.json': '{ oops' }, {}, 'switchyard.json'],
    ['no object', { 'switchyard.json': '[]' }, {}, 'switchyard.json'],
    ['no UTF-8', { 'switchyard.json': Buffer.from([0x7b, 0xff, 0x7d]) }, {}, 'switchyard.json'],
    [
      'another settings schema than was registered',
      { 'switchyard.json': json({ settingsSchema: { type: 'object', properties: {} } }) },
      { configurationSchema: json({ type: 'object', required: ['a'] }) },
      'switchyard.json.settingsSchema',
    ],
    [
      'a settings schema that is none',
      { 'switchyard.json': json({ settingsSchema: { type: 'nonsense' } }) },
      {},
      /^switchyard\.json\.settingsSchema/,
    ],
  ])('with %s is refused, and nothing is stored', async (_what, files, version, field) => {
    const found = await published(files, version);
    expect(found).toMatchObject({
      status: 400,
      answered: { error: { code: 'VALIDATION_ERROR' } },
      version: { artifact: null },
      isKept: false,
    });
    expect(found.answered.error?.details[0]?.field).toMatch(field);
    expect(await place.onTheWay()).toEqual([]);
  });

  it('brings the schema of the settings', async () => {
    const settingsSchema = {
      type: 'object',
      properties: { apiKey: { type: 'string', secret: true }, retries: { type: 'integer', default: 3 } },
    };
    const { status, version } = await published({ 'switchyard.json': json({ settingsSchema }) });
    expect(status).toBe(201);
    expect(JSON.parse(String(version['configurationSchema']))).toEqual(settingsSchema);
  });

  it('may say again what was registered, in any order', async () => {
    const { status } = await published(
      { 'switchyard.json': json({ settingsSchema: { properties: {}, type: 'object' } }) },
      { configurationSchema: json({ type: 'object', properties: {} }) },
    );
    expect(status).toBe(201);
  });
});
