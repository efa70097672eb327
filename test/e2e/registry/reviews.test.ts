import { installationChanged } from '@switchyard/contracts';
import { publish } from '@switchyard/events';
import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { installed } from '../../support/installations.js';
import { actionsIn, readAll } from '../../support/pages.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { password } from '../../support/world.js';
import { aPublisher, aTenant, type TenantPeople } from './a-cast.js';
import { mustAnswer, register } from './a-plugin.js';

const marketplace = '/api/v1/marketplace/plugins';

interface ReviewBody {
  reviewId: string;
}

describe('reviews', () => {
  let platform: RunningPlatform;
  let developer: Client;
  let one: TenantPeople;
  let two: TenantPeople;

  beforeAll(async () => {
    platform = await startPlatform({ TENANT_PURGE_HOURS: '0', HOUSEKEEPING_SECONDS: '1' });
    developer = await aPublisher(platform, 'acme', 'Acme Corp');
    one = await aTenant(platform, 'tenant-one');
    two = await aTenant(platform, 'tenant-two');
  });
  afterAll(() => platform.stop());

  const detailsOf = async (pluginId: string) =>
    (await platform.admin.get(`${marketplace}/${pluginId}`)).body as Record<string, unknown>;
  const count = (pluginId: string, installationCount: number) =>
    eventually(async () => expect(await detailsOf(pluginId)).toMatchObject({ installationCount }));
  const installedBy = async (pluginId: string, ...tenants: string[]) => {
    await register(developer, pluginId);
    for (const tenantId of tenants) await installed(platform.database, tenantId, pluginId, '1.0.0');
    await count(pluginId, tenants.length);
  };
  const write = (who: Client, pluginId: string, body: object) =>
    who.put(`${marketplace}/${pluginId}/review`, body);

  it('are written by a tenant that has it installed, once, and changed by it', async () => {
    await installedBy('reviewed', one.tenantId);
    expect(await write(two.tenantAdmin, 'reviewed', { rating: 1 })).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('deploy it first') } },
    });
    const first = await write(one.tenantAdmin, 'reviewed', { rating: 4, title: 'Good', comment: 'Quite' });
    expect(first).toMatchObject({
      status: 201,
      body: { rating: 4, title: 'Good', comment: 'Quite', version: '1.0.0', mine: true },
    });
    const { reviewId } = first.body as ReviewBody;
    expect(await write(one.tenantAdmin, 'reviewed', { rating: 2 })).toMatchObject({
      status: 200,
      body: { reviewId, rating: 2, title: null },
    });
    expect(await detailsOf('reviewed')).toMatchObject({
      averageRating: 2,
      ratingCount: 1,
      ratings: { 1: 0, 2: 1, 3: 0, 4: 0, 5: 0 },
    });
  });

  it('are for a TenantAdmin to write, and from 1 to 5', async () => {
    await installedBy('rated', one.tenantId);
    for (const who of [platform.admin, developer, one.user, one.viewer])
      expect(await write(who, 'rated', { rating: 5 })).toMatchObject({ status: 403 });
    for (const rating of [0, 6, 2.5, '5', null])
      expect(await write(one.tenantAdmin, 'rated', { rating })).toMatchObject({
        status: 400,
        body: { error: { details: [{ field: 'rating' }] } },
      });
  });

  it('tell nobody which tenant wrote them', async () => {
    await installedBy('unsigned', one.tenantId, two.tenantId);
    await write(one.tenantAdmin, 'unsigned', { rating: 1 });
    await write(two.tenantAdmin, 'unsigned', { rating: 5 });
    for (const who of [platform.admin, developer, one.viewer, two.viewer]) {
      const { text, body } = await who.get(`${marketplace}/unsigned/reviews`);
      expect(text).not.toMatch(/tenant-|admin/i);
      expect(body).toMatchObject({ averageRating: 3, total: 2, reviews: [{ rating: 5 }, { rating: 1 }] });
    }
    expect(await one.viewer.get(`${marketplace}/unsigned/reviews`)).toMatchObject({
      body: { reviews: [{ mine: false }, { mine: true }] },
    });
    const { items, pages } = await readAll(two.user, `${marketplace}/unsigned/reviews?limit=1`, 'reviews');
    expect([items.map(({ rating }) => rating), pages]).toEqual([[5, 1], 2]);
    for (const query of ['limit=101', 'cursor=nonsense', 'rating=5'])
      expect(await two.user.get(`${marketplace}/unsigned/reviews?${query}`)).toMatchObject({ status: 400 });
  });

  it('are deleted by the tenant, or by a PlatformAdmin, which the tenant can read in its audit log', async () => {
    await installedBy('deleted-of', one.tenantId, two.tenantId);
    const { reviewId } = (await write(one.tenantAdmin, 'deleted-of', { rating: 1 })).body as ReviewBody;
    const path = `${marketplace}/deleted-of/reviews/${reviewId}`;
    const [foreign, missing] = await Promise.all([
      two.tenantAdmin.delete(path),
      two.tenantAdmin.delete(path.replace(reviewId, 'rev-none')),
    ]);
    const plain = (text: string) => text.replaceAll(/rev-\w+|"(traceId|timestamp)":"[^"]*"/g, '');
    expect([foreign.status, plain(foreign.text)]).toEqual([404, plain(missing.text)]);
    expect(await one.viewer.delete(path)).toMatchObject({ status: 403 });
    expect(await one.tenantAdmin.delete(path)).toMatchObject({ status: 204 });
    expect(await one.tenantAdmin.delete(path)).toMatchObject({ status: 404 });
    expect(await detailsOf('deleted-of')).toMatchObject({ averageRating: null, ratingCount: 0 });

    const again = (await write(one.tenantAdmin, 'deleted-of', { rating: 1 })).body as ReviewBody;
    expect(await platform.admin.delete(`${marketplace}/deleted-of/reviews/${again.reviewId}`)).toMatchObject({
      status: 204,
    });
    const log = await actionsIn(one.tenantAdmin, `/api/v1/tenants/${one.tenantId}/audit`);
    expect(log.slice(-4)).toEqual(['review.written', 'review.deleted', 'review.written', 'review.deleted']);
  });

  it('are counted right when twenty tenants write at once, and when one of them is purged', async () => {
    const { admin, signIn, database } = platform;
    const tenants = Array.from({ length: 20 }, (_, n) => `crowd-${n + 10}`);
    const writers: Client[] = [];
    for (const tenantId of tenants) {
      await mustAnswer(admin.post('/api/v1/tenants', { tenantId, name: tenantId }), 201);
      const person = { username: `${tenantId}-admin`, password, role: 'TenantAdmin', tenantId };
      await mustAnswer(admin.post('/api/v1/users', person), 201);
      writers.push(await signIn(person.username, password));
    }
    await installedBy('crowded', ...tenants);
    const answers = await Promise.all(
      writers.map((who, n) => write(who, 'crowded', { rating: (n % 5) + 1 })),
    );
    expect(answers.map(({ status }) => status)).toEqual(tenants.map(() => 201));
    expect(await detailsOf('crowded')).toMatchObject({
      averageRating: 3,
      ratingCount: 20,
      ratings: { 1: 4, 2: 4, 3: 4, 4: 4, 5: 4 },
      installationCount: 20,
    });
    expect(await admin.delete(`/api/v1/tenants/${tenants[0]}`)).toMatchObject({ status: 202 });
    await eventually(async () =>
      expect(await detailsOf('crowded')).toMatchObject({
        averageRating: 3.11,
        ratingCount: 19,
        ratings: { 1: 3, 2: 4, 3: 4, 4: 4, 5: 4 },
        installationCount: 19,
      }),
    );
    for (const table of ['reviews', 'installations', 'plugin_grants'])
      expect(
        await database.look(`SELECT 1 FROM registry.${table} WHERE tenant_id = $1`, [tenants[0]]),
      ).toEqual([]);
  }, 60_000);

  it('and installations are news to a client that asks whether anything changed, and no lost race to one that edits', async () => {
    await installedBy('cached', one.tenantId);
    const path = '/api/v1/plugins/cached';
    const etag = String((await developer.get(path)).headers.get('etag'));
    expect(await developer.get(path, { 'if-none-match': etag })).toMatchObject({ status: 304 });
    await write(one.tenantAdmin, 'cached', { rating: 5 });
    expect(await developer.get(path, { 'if-none-match': etag })).toMatchObject({
      status: 200,
      body: { averageRating: 5 },
    });
    const edit = { description: 'Edited meanwhile' };
    expect(await developer.patch(path, edit, { 'if-match': etag })).toMatchObject({ status: 200 });
    expect(await developer.patch(path, { name: 'Late' }, { 'if-match': etag })).toMatchObject({
      status: 412,
    });
  });

  describe('and installations', () => {
    const tell = (pluginId: string, environment: string, version: string | null, revision: number) =>
      platform.database.open('deployments', 2).withPlatform('told', (tx) =>
        publish(tx, installationChanged, {
          tenant: null,
          key: pluginId,
          data: { tenantId: one.tenantId, pluginId, environment, version, revision },
        }),
      );

    it('count tenants, not their environments', async () => {
      await installedBy('environments', one.tenantId);
      await installed(platform.database, one.tenantId, 'environments', '1.0.0', 'QA');
      await installed(platform.database, two.tenantId, 'environments', '1.0.0', 'QA');
      await count('environments', 2);
      await installed(platform.database, one.tenantId, 'environments', null);
      await installed(platform.database, two.tenantId, 'environments', null, 'QA');
      await count('environments', 1);
      expect(await write(one.tenantAdmin, 'environments', { rating: 3 })).toMatchObject({ status: 201 });
      expect(await write(two.tenantAdmin, 'environments', { rating: 3 })).toMatchObject({ status: 409 });
    });

    it('stay right when what is told comes twice, or late', async () => {
      await register(developer, 'out-of-order');
      await tell('out-of-order', 'Production', '1.0.0', 1_000_001);
      await tell('out-of-order', 'Production', '1.0.0', 1_000_001);
      await count('out-of-order', 1);
      await tell('out-of-order', 'Production', null, 1_000_003);
      await tell('out-of-order', 'Production', '1.0.0', 1_000_002);
      await tell('out-of-order', 'Production', null, 1_000_003);
      await tell('out-of-order', 'Staging', '1.0.0', 1_000_004);
      // Events of one plugin are handled in their order: with the last of them, all of them are.
      await eventually(async () =>
        expect(
          await platform.database.look(
            'SELECT environment, semantic_version FROM registry.installations WHERE plugin_id = $1 ORDER BY 1',
            ['out-of-order'],
          ),
        ).toEqual([
          { environment: 'Production', semantic_version: null },
          { environment: 'Staging', semantic_version: '1.0.0' },
        ]),
      );
      await count('out-of-order', 1);
    });
  });
});
