import type { Client } from '../../support/client.js';
import { inTurns } from '../../support/in-turns.js';
import { readAll } from '../../support/pages.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { aPublisher, aTenant, type TenantPeople } from './a-cast.js';
import { addVersion, aVersion, register } from './a-plugin.js';

const plugins = '/api/v1/plugins';
const capabilities = '/api/v1/capabilities';

const parameter = (name: string, required = true) => ({ name, type: 'decimal', required });
const pay = (...methods: object[]) => ({ capabilityId: 'IPay', name: 'Pay', version: '1.0', methods });
const charge = { name: 'Charge', returnType: 'Receipt', parameters: [parameter('amount')] };
const refund = { name: 'Refund', returnType: 'Receipt', parameters: [] };

describe('capabilities', () => {
  let platform: RunningPlatform;
  let developer: Client;
  let tenant: TenantPeople;

  beforeAll(async () => {
    platform = await startPlatform();
    developer = await aPublisher(platform, 'acme', 'Acme Corp');
    tenant = await aTenant(platform, 'tenant-one');
  });
  afterAll(() => platform.stop());

  const summaryOf = async (capabilityId: string) =>
    ((await tenant.viewer.get(`${capabilities}/${capabilityId}`)).body ?? {}) as Record<string, unknown>;

  it('are listed newest first, found by id or name, and shown with their methods', async () => {
    for (const n of [1, 2, 3])
      await register(developer, `lists-${n}`, {
        capabilities: [{ capabilityId: `IListed${n}`, name: `Number ${n}` }],
      });
    const { items, pages, total } = await readAll(
      tenant.viewer,
      `${capabilities}?search=ilisted&limit=2`,
      'capabilities',
    );
    expect(items.map(({ capabilityId }) => capabilityId)).toEqual(['IListed3', 'IListed2', 'IListed1']);
    expect([pages, total]).toEqual([2, 3]);
    expect(await tenant.viewer.get(`${capabilities}?search=number 2`)).toMatchObject({
      body: {
        total: 1,
        capabilities: [{ capabilityId: 'IListed2', name: 'Number 2', version: '1.0', pluginCount: 1 }],
      },
    });
    expect(await tenant.viewer.get(`${capabilities}?search=%25`)).toMatchObject({ body: { total: 0 } });
    await register(developer, 'pays', { capabilities: [pay(charge)] });
    expect(await tenant.viewer.get(`${capabilities}/IPay`)).toMatchObject({
      status: 200,
      body: {
        capabilityId: 'IPay',
        name: 'Pay',
        version: '1.0',
        pluginCount: 1,
        description: null,
        methods: [charge],
        definedBy: { pluginId: 'pays', version: '1.0.0' },
      },
    });
    expect(await tenant.viewer.get(`${capabilities}/INothing`)).toMatchObject({ status: 404 });
    expect(await tenant.viewer.get(`${capabilities}/INothing/plugins`)).toMatchObject({ status: 404 });
  });

  it('list the plugins that have them, who had them last first', async () => {
    for (const id of ['first', 'second', 'third'])
      await register(developer, `${id}-to-have`, { capabilities: [{ capabilityId: 'IHad', name: 'Had' }] });
    const { items, total } = await readAll(tenant.viewer, `${capabilities}/IHad/plugins?limit=2`, 'plugins');
    expect(items).toEqual(
      ['third', 'second', 'first'].map((id) => ({
        pluginId: `${id}-to-have`,
        name: `The ${id}-to-have`,
        latestVersion: '1.0.0',
      })),
    );
    expect(total).toBe(3);
  });

  it('are defined by who has had them longest, before what was archived', async () => {
    const named = (name: string) => ({ capabilities: [{ capabilityId: 'INamed', name }] });
    await register(developer, 'named-first', named('One'));
    await register(developer, 'named-then', named('Two'));
    expect(await summaryOf('INamed')).toMatchObject({ name: 'One', definedBy: { pluginId: 'named-first' } });
    await developer.post(`${plugins}/named-first/archive`);
    expect(await summaryOf('INamed')).toMatchObject({ name: 'Two', definedBy: { pluginId: 'named-then' } });
    expect(await tenant.viewer.get(`${capabilities}?search=INamed`)).toMatchObject({
      body: { capabilities: [{ name: 'Two', pluginCount: 1 }] },
    });
  });

  it('are those of the latest version', async () => {
    await register(developer, 'moves', { capabilities: [{ capabilityId: 'IOld', name: 'Old' }] });
    await addVersion(developer, 'moves', '2.0.0', { capabilities: [{ capabilityId: 'INew', name: 'New' }] });
    expect([await summaryOf('INew'), await summaryOf('IOld')]).toMatchObject([
      { pluginCount: 1 },
      { error: { code: 'NOT_FOUND' } },
    ]);
    await developer.post(`${plugins}/moves/versions/2.0.0/recall`, { reason: 'No' });
    expect([await summaryOf('IOld'), await summaryOf('INew')]).toMatchObject([
      { pluginCount: 1 },
      { error: { code: 'NOT_FOUND' } },
    ]);
  });

  it('are counted right, however many plugins gain and lose them at once', async () => {
    const ids = Array.from({ length: 24 }, (_, i) => `counted-${i}`);
    const both = ['ICountedA', 'ICountedB'].map((capabilityId) => ({ capabilityId, name: capabilityId }));
    await inTurns(ids, 12, async (id) => {
      const turned = Number(id.slice(8)) % 2 === 0 ? both : both.toReversed();
      await register(developer, id, { capabilities: turned });
    });
    expect(await summaryOf('ICountedA')).toMatchObject({ pluginCount: 24 });
    await inTurns(ids, 12, async (id) => {
      const n = Number(id.slice(8));
      if (n % 3 === 0) await developer.post(`${plugins}/${id}/archive`);
      if (n % 3 === 1) await developer.put(`${plugins}/${id}/access`, { visibility: 'Private' });
      if (n % 3 === 2) await addVersion(developer, id, '2.0.0', { capabilities: both.slice(0, 1) });
    });
    expect(await summaryOf('ICountedA')).toMatchObject({ pluginCount: 8 });
    expect(await tenant.viewer.get(`${capabilities}?search=ICountedB`)).toMatchObject({ body: { total: 0 } });
    await inTurns(ids, 12, async (id) => {
      await platform.admin.delete(`${plugins}/${id}`);
    });
    expect(await tenant.viewer.get(`${capabilities}?search=ICounted`)).toMatchObject({ body: { total: 0 } });
  });

  it('may not break within a major version, and the answer lists what broke', async () => {
    await register(developer, 'breaking', { capabilities: [pay(charge, refund)] });
    const broken = {
      capabilities: [
        pay({ ...charge, returnType: 'Slip', parameters: [parameter('amount'), parameter('currency')] }),
      ],
    };
    const details = [
      { field: 'capabilities', message: 'IPay.Charge returned Receipt and now returns Slip.' },
      { field: 'capabilities', message: expect.stringContaining('currency') },
      { field: 'capabilities', message: 'IPay.Refund was removed.' },
    ];
    for (const version of ['1.0.1', '1.1.0']) {
      const answer = await developer.post(`${plugins}/breaking/versions`, aVersion(version, broken));
      expect(answer).toMatchObject({
        status: 409,
        body: {
          error: {
            code: 'CONFLICT',
            message: expect.stringContaining('raise the major version'),
            details: expect.any(Array),
          },
        },
      });
      const told = (answer.body as { error: { details: unknown[] } }).error.details;
      expect(told).toHaveLength(3);
      expect(told).toEqual(expect.arrayContaining(details));
    }
    const major = await developer.post(`${plugins}/breaking/versions`, aVersion('2.0.0', broken));
    expect(major.status).toBe(201);
    expect((major.body as { warnings: unknown[] }).warnings).toEqual(expect.arrayContaining(details));
    const more = {
      capabilities: [pay({ ...charge, parameters: [parameter('amount'), parameter('note', false)] }, refund)],
    };
    expect(await developer.post(`${plugins}/breaking/versions`, aVersion('1.2.0', more))).toMatchObject({
      status: 201,
      body: { warnings: [] },
    });
  });
});
