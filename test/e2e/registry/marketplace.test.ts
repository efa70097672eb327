import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { installed } from '../../support/installations.js';
import { actionsIn, readAll } from '../../support/pages.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { aPublisher, aTenant, type TenantPeople } from './a-cast.js';
import { register } from './a-plugin.js';

const plugins = '/api/v1/plugins';
const marketplace = '/api/v1/marketplace';

describe('the marketplace', () => {
  let platform: RunningPlatform;
  let developer: Client;
  let one: TenantPeople;
  let two: TenantPeople;

  beforeAll(async () => {
    platform = await startPlatform();
    developer = await aPublisher(platform, 'acme', 'Acme Corp');
    one = await aTenant(platform, 'tenant-one');
    two = await aTenant(platform, 'tenant-two');
    for (const [pluginId, name, category, tags, description] of [
      ['payment-stripe', 'Stripe Payments', 'Payments', ['payment', 'card'], 'Takes credit cards'],
      ['payment-cash', 'a till for cash', 'Payments', ['payment'], 'Takes banknotes'],
      ['report-sales', 'Sales Report', 'Reporting', ['report', 'card'], 'What was sold by payment and day'],
      ['weather', 'Weather', 'Fun', [], 'Rain or sunshine'],
    ] as const)
      await register(developer, pluginId, { name, category, tags, description });
    const { database } = platform;
    await installed(database, 'tenant-one', 'report-sales', '1.0.0');
    await installed(database, 'tenant-two', 'report-sales', '1.0.0');
    await installed(database, 'tenant-one', 'payment-cash', '1.0.0');
    await eventually(async () =>
      expect(await database.look('SELECT 1 FROM registry.plugins WHERE installation_count > 0')).toHaveLength(
        2,
      ),
    );
    await one.tenantAdmin.put(`${marketplace}/plugins/payment-cash/review`, { rating: 5 });
    await one.tenantAdmin.put(`${marketplace}/plugins/report-sales/review`, { rating: 2 });
    await developer.patch(`${plugins}/payment-cash`, { iconUrl: 'https://example.com/cash.png' });
  });
  afterAll(() => platform.stop());

  const idsOf = async (path: string, who: Client = one.viewer, list = 'plugins') => {
    const { items } = await readAll(who, `${marketplace}/${path}`, list);
    return items.map(({ pluginId }) => pluginId);
  };

  it.each([
    ['popular', ['report-sales', 'payment-cash', 'weather', 'payment-stripe']],
    ['rating', ['payment-cash', 'report-sales', 'weather', 'payment-stripe']],
    ['newest', ['weather', 'report-sales', 'payment-cash', 'payment-stripe']],
    ['name', ['payment-cash', 'report-sales', 'payment-stripe', 'weather']],
  ])('is browsed by %s, on one page and on many', async (sort, expected) => {
    expect(await idsOf(`plugins?sort=${sort}`)).toEqual(expected);
    expect(await idsOf(`plugins?sort=${sort}&limit=1`)).toEqual(expected);
    const { body } = await one.viewer.get(`${marketplace}/plugins?sort=${sort}&offset=1&limit=2`);
    expect(body).toMatchObject({ total: 4, plugins: expected.slice(1, 3).map((pluginId) => ({ pluginId })) });
  });

  it('is browsed by what was updated last, and by popularity when nothing is said', async () => {
    expect((await idsOf('plugins?sort=updated'))[0]).toBe('payment-cash');
    expect(await idsOf('plugins')).toEqual(await idsOf('plugins?sort=popular'));
  });

  it('is filtered by category and by all of the tags', async () => {
    expect(await idsOf('plugins?category=Payments&sort=name')).toEqual(['payment-cash', 'payment-stripe']);
    expect(await idsOf('plugins?tags=payment,card')).toEqual(['payment-stripe']);
    expect(await idsOf('plugins?tags=payment,report')).toEqual([]);
  });

  it.each([
    ['payment-stripe', 'payment-stripe'],
    ['stripe', 'payment-stripe'],
    ['CREDIT cards', 'payment-stripe'],
    ['sunshin', 'weather'],
    ['wether', 'weather'],
    ['paymnet stripe', 'payment-stripe'],
  ])('finds for "%s" first %s', async (q, pluginId) => {
    const { body } = await one.viewer.get(`${marketplace}/search?q=${encodeURIComponent(q)}`);
    expect(body).toMatchObject({ query: q, results: [{ pluginId }] });
    const scores = (body as { results: { relevanceScore: number }[] }).results.map((r) => r.relevanceScore);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it('searches page by page, within a category and tags, and finds nothing for what is nothing', async () => {
    const all = await idsOf('search?q=payment', one.viewer, 'results');
    expect(all).toHaveLength(3);
    expect(await idsOf('search?q=payment&limit=1', one.viewer, 'results')).toEqual(all);
    expect(await idsOf('search?q=payment&category=Reporting', one.viewer, 'results')).toEqual([
      'report-sales',
    ]);
    expect(await idsOf('search?q=payment&tags=card,payment', one.viewer, 'results')).toEqual([
      'payment-stripe',
    ]);
    for (const q of ['!!!', '%25', '_', "'", '%5C', '*:*', '&|!', 'nothing like it'])
      expect(
        await one.viewer.get(`${marketplace}/search?q=${q.startsWith('%') ? q : encodeURIComponent(q)}`),
      ).toMatchObject({
        status: 200,
        body: { total: 0, results: [] },
      });
  });

  it.each([
    ['plugins?sort=best', 'sort'],
    ['plugins?featured=maybe', 'featured'],
    ['plugins?tags=Not A Tag', 'tags[0]'],
    ['plugins?surprise=1', 'surprise'],
    ['plugins?limit=0', 'limit'],
    ['plugins?cursor=nonsense', 'cursor'],
    ['search', 'q'],
    ['search?q=', 'q'],
    ['search?q=x&sort=name', 'sort'],
    ['search?q=x&cursor=nonsense', 'cursor'],
  ])('refuses %s and names %s', async (path, field) => {
    const { status, body } = await one.viewer.get(`${marketplace}/${path}`);
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'VALIDATION_ERROR',
          details: expect.arrayContaining([expect.objectContaining({ field })]),
        },
      },
    });
  });

  it('takes no cursor of another order or another question', async () => {
    const cursorOf = async (path: string) =>
      ((await one.viewer.get(`${marketplace}/${path}`)).body as { nextCursor: string }).nextCursor;
    const byName = await cursorOf('plugins?sort=name&limit=1');
    const bySearch = await cursorOf('search?q=payment&limit=1');
    for (const path of [`plugins?sort=newest&cursor=${byName}`, `search?q=card&cursor=${bySearch}`])
      expect(await one.viewer.get(`${marketplace}/${path}`)).toMatchObject({ status: 400 });
  });

  it('tells whoever might install a plugin what they want to know', async () => {
    expect(await one.viewer.get(`${marketplace}/plugins/report-sales`)).toMatchObject({
      status: 200,
      body: {
        pluginId: 'report-sales',
        runtime: { type: 'NodeJs', version: '20' },
        installationCount: 2,
        averageRating: 2,
        ratings: { 1: 0, 2: 1, 3: 0, 4: 0, 5: 0 },
        permissions: [],
        downloads: 0,
      },
    });
    expect(await one.viewer.get(`${marketplace}/plugins/not-there`)).toMatchObject({ status: 404 });
  });

  it('features what a PlatformAdmin chose, of what everybody sees', async () => {
    const featured = `${marketplace}/plugins/weather/featured`;
    for (const who of [developer, one.tenantAdmin, one.viewer]) {
      expect(await who.put(featured)).toMatchObject({ status: 403 });
      expect(await who.delete(featured)).toMatchObject({ status: 403 });
    }
    expect(await platform.admin.put(featured)).toMatchObject({ status: 204 });
    expect(await platform.admin.put(featured)).toMatchObject({ status: 204 });
    expect(await idsOf('plugins?featured=true')).toEqual(['weather']);
    expect(await idsOf('plugins?featured=false')).toHaveLength(3);
    expect(
      (await actionsIn(platform.admin, '/api/v1/audit')).filter((a) => a === 'plugin.featured'),
    ).toHaveLength(1);
    expect(await platform.admin.delete(featured)).toMatchObject({ status: 204 });
    expect(await idsOf('plugins?featured=true')).toEqual([]);

    await register(developer, 'not-for-all', { visibility: 'Private', category: 'Elsewhere' });
    expect(await platform.admin.put(`${marketplace}/plugins/not-for-all/featured`)).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('is Private') } },
    });
    expect(await platform.admin.put(`${marketplace}/plugins/not-there/featured`)).toMatchObject({
      status: 404,
    });
    await platform.admin.delete(`${plugins}/not-for-all`);
  });

  it('shows a tenant the categories that it may use, from when that is said', async () => {
    const { admin } = platform;
    await admin.patch('/api/v1/tenants/tenant-two', { allowedCategories: ['Reporting', 'Fun'] });
    await eventually(async () =>
      expect(await idsOf('plugins?sort=name', two.viewer)).toEqual(['report-sales', 'weather']),
    );
    expect(await idsOf('search?q=payment', two.user, 'results')).toEqual(['report-sales']);
    expect(await two.viewer.get(`${marketplace}/plugins?category=Payments`)).toMatchObject({
      body: { total: 0 },
    });
    expect(await two.viewer.get(`${marketplace}/plugins/payment-cash`)).toMatchObject({ status: 404 });
    expect(await two.viewer.get(`${marketplace}/plugins/weather`)).toMatchObject({ status: 200 });
    await admin.patch('/api/v1/tenants/tenant-two', { allowedCategories: [] });
    await eventually(async () => expect(await idsOf('plugins', two.viewer)).toHaveLength(4));
  });
});
