import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { aPublisher } from './a-cast.js';
import { addVersion, anyChecksum, aPlugin, aVersion, register } from './a-plugin.js';

const plugins = '/api/v1/plugins';

describe('registering', () => {
  let platform: RunningPlatform;
  let admin: Client;
  let developer: Client;
  let stranger: Client;

  beforeAll(async () => {
    platform = await startPlatform();
    admin = platform.admin;
    developer = await aPublisher(platform, 'acme', 'Acme Corp');
    stranger = await aPublisher(platform, 'globex', 'Globex');
  });
  afterAll(() => platform.stop());

  it('is done by a developer for their publisher, named by name or id, or not at all when there is one only', async () => {
    for (const [id, publisher] of [
      ['by-name', 'Acme Corp'],
      ['by-other-case', 'acme corp'],
      ['by-id', 'acme'],
      ['by-itself', undefined],
    ])
      expect(await developer.post(plugins, aPlugin(String(id), { publisher }))).toMatchObject({
        status: 201,
        body: { publisher: 'Acme Corp', publisherId: 'acme', status: 'Registered' },
      });
  });

  it.each(['Globex', 'globex', 'Nobody Knows'])(
    'is not done for another publisher: %s',
    async (publisher) => {
      expect(await developer.post(plugins, aPlugin('not-mine', { publisher }))).toMatchObject({
        status: 403,
        body: { error: { code: 'FORBIDDEN', details: [{ field: 'publisher', allowed: ['acme'] }] } },
      });
    },
  );

  it('by a PlatformAdmin makes a publisher that there was not, for the tenants service too', async () => {
    expect(await admin.post(plugins, aPlugin('made-up', { publisher: 'Brand New Inc.' }))).toMatchObject({
      status: 201,
      body: { publisher: 'Brand New Inc.', publisherId: 'brand-new-inc' },
    });
    await eventually(async () =>
      expect(await admin.get('/api/v1/publishers/brand-new-inc')).toMatchObject({
        status: 200,
        body: { name: 'Brand New Inc.' },
      }),
    );
    expect(await admin.post(plugins, aPlugin('made-up-too', { publisher: 'brand new inc.' }))).toMatchObject({
      status: 201,
      body: { publisherId: 'brand-new-inc' },
    });
  });

  it('is safe to repeat: the same answers 200, and says what of it was ignored', async () => {
    const wanted = aPlugin('again');
    const first = await developer.post(plugins, wanted);
    expect(first.status).toBe(201);
    expect(await developer.post(plugins, wanted)).toMatchObject({
      status: 200,
      body: { ...(first.body as object), status: expect.any(String), warnings: [] },
    });
    const other = aPlugin('again', { name: 'Another name', tags: ['new'] }, { releaseNotes: 'told later' });
    const { status, body } = await developer.post(plugins, other);
    expect(status).toBe(200);
    expect((body as { warnings: { field: string }[] }).warnings.map(({ field }) => field)).toEqual([
      'name',
      'tags',
      'version.releaseNotes',
    ]);
    expect(await developer.get(`${plugins}/again`)).toMatchObject({ body: { name: 'The again', tags: [] } });
  });

  it('refuses other bytes under a number that is taken, and says to use another', async () => {
    await register(developer, 'changed');
    expect(
      await developer.post(plugins, aPlugin('changed', {}, { checksum: anyChecksum('others') })),
    ).toMatchObject({
      status: 409,
      body: {
        error: {
          code: 'CONFLICT',
          message: expect.stringContaining('a version never changes'),
          details: [{ field: 'version.checksum', allowed: anyChecksum('1.0.0') }],
        },
      },
    });
  });

  it('sends a new version of a known plugin to where versions are added', async () => {
    await register(developer, 'known');
    expect(await developer.post(plugins, aPlugin('known', {}, { semanticVersion: '2.0.0' }))).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('POST /api/v1/plugins/known/versions') } },
    });
  });

  it('tells a stranger no more than that an id is taken', async () => {
    await register(developer, 'ours', { visibility: 'Private' });
    const taken = await stranger.post(plugins, aPlugin('ours', { publisher: 'Globex' }));
    expect(taken).toMatchObject({ status: 409, body: { error: { message: 'The id "ours" is taken' } } });
    for (const answer of [
      stranger.get(`${plugins}/ours`),
      stranger.patch(`${plugins}/ours`, { name: 'Theirs' }),
      stranger.post(`${plugins}/ours/versions`, aVersion('2.0.0')),
      stranger.get(`${plugins}/ours/access`),
    ])
      expect(await answer).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
  });

  it('lets only the publisher and PlatformAdmins change a plugin', async () => {
    await register(developer, 'guarded');
    for (const answer of [
      stranger.patch(`${plugins}/guarded`, { name: 'Theirs' }),
      stranger.post(`${plugins}/guarded/versions`, aVersion('2.0.0')),
      stranger.post(`${plugins}/guarded/archive`),
      stranger.post(`${plugins}/guarded/versions/1.0.0/recall`, { reason: 'spite' }),
      stranger.put(`${plugins}/guarded/access`, { visibility: 'Private' }),
    ])
      expect(await answer).toMatchObject({ status: 403, body: { error: { code: 'FORBIDDEN' } } });
    expect(await developer.patch(`${plugins}/guarded`, { name: 'Ours' })).toMatchObject({ status: 200 });
    expect(await admin.patch(`${plugins}/guarded`, { name: 'Whose?' })).toMatchObject({ status: 200 });
  });

  it('of the same version 200 times at once is 201 once and 200 or 409 for the rest', async () => {
    const same = aPlugin('stampede');
    const other = aPlugin('stampede', {}, { checksum: anyChecksum('another build') });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => developer.post(plugins, i % 4 === 3 ? other : same)),
    );
    const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length;
    expect(count(201)).toBe(1);
    expect(count(200) + count(409)).toBe(199);
    expect(
      new Set(
        answers
          .filter(({ status }) => status < 300)
          .map(({ body }) => (body as { versionId: string }).versionId),
      ).size,
    ).toBe(1);
    expect(
      await platform.database.look(
        `SELECT count(*)::int AS n FROM registry.versions WHERE plugin_id = 'stampede'`,
      ),
    ).toEqual([{ n: 1 }]);
  });

  it('of versions 50 times at once gives each number once', async () => {
    await register(developer, 'busy');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        developer.post(`${plugins}/busy/versions`, aVersion(`2.0.${i % 10}`)),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(40);
    expect(await developer.get(`${plugins}/busy`)).toMatchObject({
      body: { versionCount: 11, latestVersion: '2.0.9' },
    });
  });

  it('makes a plugin that lies elsewhere Approved once what it says of itself was checked', async () => {
    await register(developer, 'elsewhere');
    await eventually(async () =>
      expect(await developer.get(`${plugins}/elsewhere`)).toMatchObject({ body: { status: 'Approved' } }),
    );
    await register(developer, 'not-here-yet', {}, { binaryUrl: undefined });
    expect(await developer.get(`${plugins}/not-here-yet`)).toMatchObject({ body: { status: 'Registered' } });
  });

  it.each([
    ['pluginId', aPlugin('Not-A-Label')],
    ['pluginId', aPlugin('search')],
    ['pluginId', aPlugin('ab')],
    ['category', aPlugin('wrong', { category: '../../etc' })],
    ['iconUrl', aPlugin('wrong', { iconUrl: 'javascript:alert(1)' })],
    ['tags[0]', aPlugin('wrong', { tags: ['Not A Tag'] })],
    ['visibility', aPlugin('wrong', { visibility: 'Hidden' })],
    ['surprise', aPlugin('wrong', { surprise: 1 })],
    ['version.semanticVersion', aPlugin('wrong', {}, { semanticVersion: 'v1' })],
    ['version.semanticVersion', aPlugin('wrong', {}, { semanticVersion: '1.0' })],
    ['version.semanticVersion', aPlugin('wrong', {}, { semanticVersion: '1.0.0+build' })],
    ['version.checksum', aPlugin('wrong', {}, { checksum: 'sha256:abc123...' })],
    ['version.checksum', aPlugin('wrong', {}, { checksum: undefined })],
    ['version.binaryUrl', aPlugin('wrong', {}, { binaryUrl: 'http://example.com/x' })],
    ['version.binaryUrl', aPlugin('wrong', {}, { binaryUrl: 'https://me:secret@example.com/x' })],
    ['version.binaryUrl', aPlugin('wrong', {}, { binaryUrl: 'file:///etc/passwd' })],
    ['version.state', aPlugin('wrong', {}, { state: 'Recalled' })],
    ['version.runtime.type', aPlugin('wrong', {}, { runtime: { type: '', version: '1' } })],
    [
      'version.resources.minCpu',
      aPlugin('wrong', {}, { resources: { minCpu: 2, maxCpu: 1, minMemoryMB: 1, maxMemoryMB: 2 } }),
    ],
    [
      'version.dependencies[0].versionConstraint',
      aPlugin('wrong', {}, { dependencies: [{ dependencyId: 'other', versionConstraint: 'newest' }] }),
    ],
    [
      'version.dependencies[0].dependencyId',
      aPlugin('wrong', {}, { dependencies: [{ dependencyId: 'wrong', versionConstraint: '*' }] }),
    ],
    ['version.configurationSchema', aPlugin('wrong', {}, { configurationSchema: '{' })],
    ['version.manifest.permissions[0]', aPlugin('wrong', {}, { manifest: { permissions: ['all'] } })],
    ['version.manifest.entryPoint', aPlugin('wrong', {}, { manifest: { entryPoint: '../x.js' } })],
    [
      'capabilities',
      aPlugin('wrong', {
        capabilities: [
          { capabilityId: 'IOne', name: 'One' },
          { capabilityId: 'IOne', name: 'Two' },
        ],
      }),
    ],
  ])('explains what is wrong with %s', async (field, body) => {
    const answer = await developer.post(plugins, body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'VALIDATION_ERROR' } } });
    const { details } = (answer.body as { error: { details: { field: string; message: string }[] } }).error;
    expect(details.map((detail) => detail.field)).toEqual([expect.stringContaining(field)]);
    expect(details[0]?.message.length).toBeGreaterThan(5);
  });

  it('refuses a settings schema that could hang or reach out, and a manifest that says another', async () => {
    const cases: [string, Record<string, unknown>][] = [
      [
        'lookaround',
        { configurationSchema: { type: 'object', properties: { a: { type: 'string', pattern: '(?=a)b' } } } },
      ],
      ['a remote reference', { configurationSchema: { $ref: 'https://attacker.example/schema' } }],
      ['no object', { configurationSchema: { type: 'string' } }],
      [
        'two of them',
        {
          configurationSchema: { type: 'object' },
          manifest: { settingsSchema: { type: 'object', required: ['a'] } },
        },
      ],
    ];
    for (const [, version] of cases)
      expect(await developer.post(plugins, aPlugin('hanging', {}, version))).toMatchObject({ status: 400 });
  });

  it('keeps its number from ever being used again, even after the plugin was deleted, and its id from others', async () => {
    await register(developer, 'gone');
    expect(await admin.delete(`${plugins}/gone`)).toMatchObject({ status: 204 });
    expect(await stranger.post(plugins, aPlugin('gone', { publisher: 'Globex' }))).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('belonged to another publisher') } },
    });
    expect(await developer.post(plugins, aPlugin('gone'))).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('never used again') } },
    });
    expect(await developer.post(plugins, aPlugin('gone', {}, { semanticVersion: '1.0.1' }))).toMatchObject({
      status: 201,
    });
    expect(await developer.post(`${plugins}/gone/versions`, aVersion('1.0.0'))).toMatchObject({
      status: 409,
    });
  });

  it('answers a repeated Idempotency-Key as before', async () => {
    const key = { 'idempotency-key': 'registry-1' };
    const first = await developer.post(plugins, aPlugin('keyed'), key);
    expect(first.status).toBe(201);
    expect(await developer.post(plugins, aPlugin('keyed'), key)).toMatchObject({
      status: 201,
      body: first.body,
    });
    expect(await developer.post(plugins, aPlugin('keyed-too'), key)).toMatchObject({ status: 422 });
  });

  it('changes metadata with If-Match, and tells a lost race', async () => {
    await register(developer, 'edited');
    await eventually(async () =>
      expect(await developer.get(`${plugins}/edited`)).toMatchObject({ body: { status: 'Approved' } }),
    );
    const { headers } = await developer.get(`${plugins}/edited`);
    const etag = String(headers.get('etag'));
    const changed = await developer.patch(
      `${plugins}/edited`,
      { description: 'new', tags: ['a', 'b'] },
      { 'if-match': etag },
    );
    expect(changed).toMatchObject({ status: 200, body: { description: 'new', tags: ['a', 'b'] } });
    expect(
      await developer.patch(`${plugins}/edited`, { description: 'late' }, { 'if-match': etag }),
    ).toMatchObject({ status: 412 });
    expect(await developer.patch(`${plugins}/edited`, { description: null })).toMatchObject({
      body: { description: null },
    });
  });
});

describe('with approval required', () => {
  let platform: RunningPlatform;
  beforeAll(async () => {
    platform = await startPlatform({ PLUGIN_APPROVAL: 'required' });
  });
  afterAll(() => platform.stop());

  it('a plugin waits for a PlatformAdmin, and cannot be approved before it was checked', async () => {
    const { admin } = platform;
    await register(admin, 'waiting', {}, { binaryUrl: undefined });
    expect(await admin.post('/api/v1/plugins/waiting/approve')).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('is Registered') } },
    });
    await addVersion(admin, 'waiting', '1.1.0');
    await eventually(async () =>
      expect(await admin.get('/api/v1/plugins/waiting')).toMatchObject({ body: { status: 'Validated' } }),
    );
    expect(await admin.post('/api/v1/plugins/waiting/approve')).toMatchObject({
      status: 200,
      body: { status: 'Approved' },
    });
  });
});
