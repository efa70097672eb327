import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { installed } from '../../support/installations.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { aPublisher, aTenant, type TenantPeople } from './a-cast.js';
import { aVersion, mustAnswer, register } from './a-plugin.js';

const plugins = '/api/v1/plugins';
const marketplace = '/api/v1/marketplace';

/** Of one length, so that answers about them can be compared byte for byte. */
const hidden = 'hidden-plugin';
const absent = 'absent-plugin';

/** Every read that names a plugin. */
const readsOf = (pluginId: string) => [
  `${plugins}/${pluginId}`,
  `${plugins}/${pluginId}/versions`,
  `${plugins}/${pluginId}/versions/1.0.0`,
  `${plugins}/${pluginId}/versions/1.0.0/artifact`,
  `${plugins}/${pluginId}/versions/1.0.0/dependencies`,
  `${plugins}/${pluginId}/versions/1.0.0/verify`,
  `${marketplace}/plugins/${pluginId}`,
  `${marketplace}/plugins/${pluginId}/reviews`,
];
/** What a PluginDeveloper may ask about a plugin of theirs, and a stranger of somebody else's. */
const changesOf = (pluginId: string): [method: string, path: string, body?: object][] => [
  ['PATCH', `${plugins}/${pluginId}`, { name: 'Mine' }],
  ['POST', `${plugins}/${pluginId}/deprecate`, { message: 'no' }],
  ['POST', `${plugins}/${pluginId}/archive`],
  ['POST', `${plugins}/${pluginId}/reinstate`],
  ['GET', `${plugins}/${pluginId}/access`],
  ['PUT', `${plugins}/${pluginId}/access`, { visibility: 'Public' }],
  ['POST', `${plugins}/${pluginId}/versions`, aVersion('2.0.0')],
  ['POST', `${plugins}/${pluginId}/versions/1.0.0/promote`],
  ['POST', `${plugins}/${pluginId}/versions/1.0.0/deprecate`, { message: 'no' }],
  ['POST', `${plugins}/${pluginId}/versions/1.0.0/archive`],
  ['POST', `${plugins}/${pluginId}/versions/1.0.0/recall`, { reason: 'no' }],
  [
    'PUT',
    `${plugins}/${pluginId}/versions/1.0.0/signature`,
    { keyId: 'key', signature: Buffer.alloc(64).toString('base64') },
  ],
];
/** Lists in which it would be. */
const lists: [path: string, name: string][] = [
  [`${plugins}?category=Secrets`, 'plugins'],
  [`${plugins}?search=hidden`, 'plugins'],
  [`${plugins}?tags=secret`, 'plugins'],
  [`${plugins}?publisher=acme`, 'plugins'],
  [`${plugins}?capability=ISecret`, 'plugins'],
  [`${marketplace}/plugins?category=Secrets`, 'plugins'],
  [`${marketplace}/plugins?tags=secret&sort=newest`, 'plugins'],
  [`${marketplace}/search?q=${hidden}`, 'results'],
  [`${marketplace}/search?q=hiden-plugn`, 'results'],
];

describe('a private plugin', () => {
  let platform: RunningPlatform;
  let developer: Client;
  let stranger: Client;
  let granted: TenantPeople;
  let other: TenantPeople;
  let whoSee: Record<string, Client>;
  let whoDoNot: Record<string, Client>;

  const show = (visibility: string, ...tenants: string[]) =>
    mustAnswer(developer.put(`${plugins}/${hidden}/access`, { visibility, tenants }), 200);

  beforeAll(async () => {
    platform = await startPlatform();
    developer = await aPublisher(platform, 'acme', 'Acme Corp');
    stranger = await aPublisher(platform, 'globex', 'Globex');
    granted = await aTenant(platform, 'granted-one');
    other = await aTenant(platform, 'other-tenan');
    await register(
      developer,
      hidden,
      {
        visibility: 'Private',
        category: 'Secrets',
        tags: ['secret'],
        capabilities: [{ capabilityId: 'ISecret', name: 'A secret name', version: '6.6' }],
      },
      { checksum: aVersion('1.0.0').checksum },
    );
    await eventually(async () =>
      expect(await developer.get(`${plugins}/${hidden}`)).toMatchObject({ body: { status: 'Approved' } }),
    );
    await show('Private', granted.tenantId);
    whoSee = {
      admin: platform.admin,
      developer,
      grantedAdmin: granted.tenantAdmin,
      grantedUser: granted.user,
      grantedViewer: granted.viewer,
    };
    whoDoNot = {
      stranger,
      otherAdmin: other.tenantAdmin,
      otherUser: other.user,
      otherViewer: other.viewer,
    };
  });
  afterAll(() => platform.stop());

  it.each(['admin', 'developer', 'grantedAdmin', 'grantedUser', 'grantedViewer'])(
    'is seen on every route by %s',
    async (name) => {
      const who = whoSee[name] ?? platform.anonymous;
      for (const path of readsOf(hidden)) {
        const { status, body } = await who.get(path);
        // Nothing was uploaded: that is told to those who see the version.
        if (path.endsWith('/artifact'))
          expect(body).toMatchObject({ error: { message: expect.not.stringContaining(`Plugin "`) } });
        else expect({ path, status }).toEqual({ path, status: 200 });
      }
      for (const [path, list] of lists) {
        const { body } = await who.get(path);
        expect({ path, body }).toMatchObject({ path, body: { total: 1, [list]: [{ pluginId: hidden }] } });
      }
      expect(await who.get('/api/v1/capabilities/ISecret/plugins')).toMatchObject({ body: { total: 1 } });
    },
  );

  it.each(['stranger', 'otherAdmin', 'otherUser', 'otherViewer'])(
    'is for %s as one that there is not, byte for byte',
    async (name) => {
      const who = whoDoNot[name] ?? platform.anonymous;
      const foreign = readsOf(hidden);
      const missing = readsOf(absent);
      for (const [i, path] of foreign.entries()) {
        const [one, two] = [await who.get(path), await who.get(missing[i] ?? '')];
        expect([one.status, neutral(one.text)]).toEqual([404, neutral(two.text)]);
        expect(headersOf(one.headers)).toEqual(headersOf(two.headers));
      }
      for (const [path, list] of lists)
        expect(await who.get(path)).toMatchObject({ body: { total: 0, [list]: [], nextCursor: null } });
    },
  );

  it('answers a stranger to every change as one that there is not', async () => {
    const missing = changesOf(absent);
    for (const [i, [method, path, body]] of changesOf(hidden).entries()) {
      const one = await stranger.send(method, path, body);
      const two = await stranger.send(method, missing[i]?.[1] ?? '', body);
      expect([path, one.status, neutral(one.text)]).toEqual([path, 404, neutral(two.text)]);
    }
  });

  it('answers a tenant that sees it not to a review, nor to its deletion, as one that there is not', async () => {
    for (const [method, path] of [
      ['PUT', 'review'],
      ['DELETE', 'reviews/rev-none'],
    ] as const) {
      const body = method === 'PUT' ? { rating: 1 } : undefined;
      const [one, two] = await Promise.all(
        [hidden, absent].map((id) =>
          other.tenantAdmin.send(method, `${marketplace}/plugins/${id}/${path}`, body),
        ),
      );
      expect([one?.status, neutral(one?.text ?? '')]).toEqual([404, neutral(two?.text ?? '')]);
    }
  });

  it('does not show in the capabilities, neither counted nor by what it calls them', async () => {
    for (const who of [...Object.values(whoDoNot), ...Object.values(whoSee)])
      for (const search of ['ISecret', 'secret name'])
        expect(await who.get(`/api/v1/capabilities?search=${search}`)).toMatchObject({ body: { total: 0 } });
    for (const path of ['/api/v1/capabilities/ISecret', '/api/v1/capabilities/ISecret/plugins']) {
      const [one, two] = [await stranger.get(path), await stranger.get(path.replace('ISecret', 'IAbsent'))];
      expect([one.status, neutral(one.text)]).toEqual([404, neutral(two.text)]);
    }
    await register(stranger, 'says-it-too', {
      publisher: 'Globex',
      capabilities: [{ capabilityId: 'ISecret', name: 'Known to all', version: '1.0' }],
    });
    expect(await other.viewer.get('/api/v1/capabilities?search=ISecret')).toMatchObject({
      body: {
        capabilities: [{ capabilityId: 'ISecret', name: 'Known to all', version: '1.0', pluginCount: 1 }],
      },
    });
    expect(await other.viewer.get('/api/v1/capabilities/ISecret')).toMatchObject({
      body: { name: 'Known to all', definedBy: { pluginId: 'says-it-too' } },
    });
    expect(await other.viewer.get('/api/v1/capabilities/ISecret/plugins')).toMatchObject({
      body: { total: 1, plugins: [{ pluginId: 'says-it-too' }] },
    });
  });

  it('looks as a dependency of somebody else as if it were not registered', async () => {
    for (const [id, dependencyId] of [
      ['needs-hidden', hidden],
      ['needs-absent', absent],
    ] as const)
      await register(
        stranger,
        id,
        { publisher: 'Globex' },
        { dependencies: [{ dependencyId, versionConstraint: '^1.0.0' }] },
      );
    const plain = (text: string) => neutral(text).replaceAll(/needs-(hidden|absent)/g, 'needs-it');
    for (const who of Object.values(whoDoNot))
      for (const [method, path, status] of [
        ['GET', 'dependencies', 200],
        ['POST', 'validate-dependencies', 400],
      ] as const) {
        const [one, two] = await Promise.all(
          ['needs-hidden', 'needs-absent'].map((id) =>
            who.send(method, `${plugins}/${id}/versions/1.0.0/${path}`),
          ),
        );
        expect([one?.status, plain(one?.text ?? '')]).toEqual([status, plain(two?.text ?? '')]);
        expect(one?.text).toContain('is not registered');
      }
    expect(await granted.viewer.get(`${plugins}/needs-hidden/versions/1.0.0/dependencies`)).toMatchObject({
      body: { resolvable: true },
    });
  });

  it('takes its id from others, and tells no more than that', async () => {
    const registering = { pluginId: hidden, name: 'x', category: 'x', version: aVersion() };
    expect(await stranger.post(plugins, registering)).toMatchObject({
      status: 409,
      body: {
        error: {
          message: `The id "${hidden}" is taken`,
          details: [{ field: 'pluginId', message: 'is taken', received: hidden }],
        },
      },
    });
  });

  it('is told to a member of the tenant that it was granted to as not theirs to change', async () => {
    expect(await granted.tenantAdmin.patch(`${plugins}/${hidden}`, { name: 'x' })).toMatchObject({
      status: 403,
    });
  });

  it('is shown and hidden at once, for whoever it concerns', async () => {
    const path = `${plugins}/${hidden}`;
    await show('Private', other.tenantId);
    expect(await other.viewer.get(path)).toMatchObject({ status: 200 });
    expect(await granted.viewer.get(path)).toMatchObject({ status: 404 });
    await show('Public');
    for (const who of [granted.viewer, other.viewer, stranger])
      expect(await who.get(path)).toMatchObject({ status: 200 });
    expect(await other.viewer.get('/api/v1/capabilities?search=ISecret')).toMatchObject({
      body: { capabilities: [{ pluginCount: 2 }] },
    });
    await platform.admin.put(`${marketplace}/plugins/${hidden}/featured`);
    await show('Private', granted.tenantId);
    for (const who of [other.viewer, stranger]) expect(await who.get(path)).toMatchObject({ status: 404 });
    expect(await granted.viewer.get(path)).toMatchObject({ status: 200, body: { featured: false } });
    expect(await other.viewer.get('/api/v1/capabilities?search=ISecret')).toMatchObject({
      body: { capabilities: [{ name: 'Known to all', pluginCount: 1 }] },
    });
    expect(await developer.get(`${path}/access`)).toMatchObject({
      body: { pluginId: hidden, visibility: 'Private', tenants: [granted.tenantId] },
    });
  });

  it('that a tenant runs after it was hidden from it stands in the way of nothing else', async () => {
    await show('Private', granted.tenantId);
    await register(developer, 'harmless');
    await installed(platform.database, granted.tenantId, hidden, '1.0.0');
    await eventually(async () =>
      expect(await platform.admin.get(`${plugins}/${hidden}`)).toMatchObject({
        body: { installationCount: 1 },
      }),
    );
    await show('Private');
    expect(
      await granted.viewer.post(`${plugins}/harmless/versions/1.0.0/validate-dependencies`, {
        tenantId: granted.tenantId,
      }),
    ).toMatchObject({
      status: 200,
      body: {
        valid: true,
        install: [
          { pluginId: 'harmless', alreadyInstalled: false },
          { pluginId: hidden, alreadyInstalled: true },
        ],
      },
    });
  });
});

/** But for which plugin was asked for, and when. */
const neutral = (text: string): string =>
  text
    .replaceAll(new RegExp(`${hidden}|${absent}`, 'g'), 'the-plugin')
    .replaceAll(/ISecret|IAbsent/g, 'ICapability')
    .replaceAll(/"(traceId|timestamp)":"[^"]*"/g, '"$1"');

const headersOf = (headers: Headers): [string, string][] =>
  [...headers].filter(([name]) => !/date|ratelimit|trace|request-id/.test(name));
