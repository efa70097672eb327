import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { readAll } from '../../support/pages.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { aPublisher, aTenant, type TenantPeople } from './a-cast.js';
import { register } from './a-plugin.js';

const plugins = '/api/v1/plugins';

describe('the list of plugins', () => {
  let platform: RunningPlatform;
  let viewer: Client;
  let tenant: TenantPeople;

  beforeAll(async () => {
    platform = await startPlatform();
    const acme = await aPublisher(platform, 'acme', 'Acme Corp');
    const globex = await aPublisher(platform, 'globex', 'Globex');
    tenant = await aTenant(platform, 'tenant-one');
    viewer = tenant.viewer;
    for (const n of [0, 1, 2, 3, 4, 5, 6]) {
      const [developer, publisher] = n % 2 === 0 ? [acme, 'Acme Corp'] : [globex, 'Globex'];
      await register(developer, `plugin-${n}`, {
        publisher,
        category: n < 3 ? 'Low' : 'High',
        tags: ['all', ...(n % 2 === 0 ? ['even'] : []), ...(n % 3 === 0 ? ['third'] : [])],
        description: n === 5 ? '100% of a_kind' : 'ordinary',
        capabilities: n > 4 ? [{ capabilityId: 'IHigh', name: 'High' }] : [],
      });
    }
    await eventually(async () =>
      expect(await viewer.get(`${plugins}?status=Approved`)).toMatchObject({ body: { total: 7 } }),
    );
    await acme.post(`${plugins}/plugin-0/archive`);
  });
  afterAll(() => platform.stop());

  const ids = (...numbers: number[]) => numbers.map((n) => `plugin-${n}`);
  const listed = async (query: string) => {
    const { items, total } = await readAll(viewer, `${plugins}?${query}`, 'plugins');
    expect(total).toBe(items.length);
    return items.map(({ pluginId }) => pluginId);
  };

  it.each(['limit=1', 'limit=2', 'limit=3', 'limit=7', 'limit=100'])(
    'shows with %s each once, newest first',
    async (query) => {
      expect(await listed(query)).toEqual(ids(6, 5, 4, 3, 2, 1, 0));
    },
  );

  it.each<[string, number[]]>([
    ['category=Low', [2, 1, 0]],
    ['status=Archived', [0]],
    ['status=Approved&category=Low', [2, 1]],
    ['tags=even', [6, 4, 2, 0]],
    ['tags=even,third', [6, 0]],
    ['tags=third, even,', [6, 0]],
    ['tags=even,absent', []],
    ['publisher=Globex', [5, 3, 1]],
    ['publisher=globex', [5, 3, 1]],
    ['publisher=nobody', []],
    ['capability=IHigh', [6, 5]],
    ['search=plugin-3', [3]],
    ['search=PLUGIN', [6, 5, 4, 3, 2, 1, 0]],
    ['search=kind', [5]],
    ['search=%25', []],
    ['search=ordin&category=High&tags=third', [6, 3]],
  ])('filters by %s', async (query, expected) => {
    expect(await listed(query)).toEqual(ids(...expected));
    expect(await listed(`${query}&limit=1`)).toEqual(ids(...expected));
  });

  it('passes over what the offset says, and past the end shows nothing but the total', async () => {
    expect(await viewer.get(`${plugins}?offset=2&limit=2`)).toMatchObject({
      body: { total: 7, offset: 2, limit: 2, plugins: [{ pluginId: 'plugin-4' }, { pluginId: 'plugin-3' }] },
    });
    expect(await viewer.get(`${plugins}?offset=10000`)).toMatchObject({
      body: { total: 7, offset: 10_000, limit: 20, plugins: [], nextCursor: null },
    });
  });

  it('goes on by cursor where it was, whatever came meanwhile', async () => {
    const { nextCursor } = (await viewer.get(`${plugins}?limit=3`)).body as { nextCursor: string };
    await register(platform.admin, 'came-meanwhile');
    expect(await viewer.get(`${plugins}?limit=3&cursor=${nextCursor}&offset=5`)).toMatchObject({
      body: {
        offset: 0,
        plugins: [{ pluginId: 'plugin-3' }, { pluginId: 'plugin-2' }, { pluginId: 'plugin-1' }],
      },
    });
    await platform.admin.delete(`${plugins}/came-meanwhile`);
  });

  const places = [
    plugins,
    `${plugins}/plugin-1/versions`,
    '/api/v1/capabilities',
    '/api/v1/capabilities/IHigh/plugins',
    '/api/v1/marketplace/plugins',
    '/api/v1/marketplace/search?q=plugin',
    '/api/v1/marketplace/plugins/plugin-1/reviews',
  ];
  const wrong = [
    'limit=0',
    'limit=101',
    'limit=ten',
    'limit=',
    'limit=1&limit=2',
    'offset=-1',
    'offset=10001',
    'offset=1.5',
    'cursor=nonsense',
    'cursor=',
    `cursor=${Buffer.from('["x","y"]').toString('base64url')}`,
    `cursor=${'a'.repeat(1025)}`,
    'unknown=1',
  ];
  it.each(places)('like any other, %s refuses what it does not know and names it', async (place) => {
    for (const query of wrong) {
      const { status, body } = await viewer.get(`${place}${place.includes('?') ? '&' : '?'}${query}`);
      expect({ query, status, body }).toMatchObject({
        query,
        status: 400,
        body: { error: { code: 'VALIDATION_ERROR', details: [{ field: query.split('=')[0] }] } },
      });
    }
  });

  it.each(['category=-', 'status=Gone', 'tags=Not A Tag', 'capability=1', 'visibility=Private', 'sort=name'])(
    'refuses %s',
    async (query) => {
      expect(await viewer.get(`${plugins}?${query}`)).toMatchObject({
        status: 400,
        body: { error: { code: 'VALIDATION_ERROR' } },
      });
    },
  );

  it('takes no cursor of another filter', async () => {
    const { nextCursor } = (await viewer.get(`${plugins}?tags=even&limit=1`)).body as { nextCursor: string };
    for (const query of ['', 'tags=third&', 'tags=even&category=Low&'])
      expect(await viewer.get(`${plugins}?${query}cursor=${nextCursor}`)).toMatchObject({
        status: 400,
        body: { error: { details: [{ field: 'cursor' }] } },
      });
    expect(await viewer.get(`${plugins}?tags=even&cursor=${nextCursor}`)).toMatchObject({ status: 200 });
  });
});
