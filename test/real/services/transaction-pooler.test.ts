import { ServiceDatabase, serviceUrl } from '@switchyard/database';
import { createTestDatabase, eventually, type TestDatabase } from '@switchyard/testing';
import pg from 'pg';
import type { Client } from '../../support/client.js';
import { makeHome, readyAt, signInAt, type PlatformHome } from '../../lifecycle/support/home.js';
import type { StartedProcess } from '../../lifecycle/support/start-process.js';
import { hasPgBouncer, startPgBouncer, type Pooler } from './pgbouncer.js';

const present = hasPgBouncer();
if (!present) {
  if (process.env['CI']) throw new Error('pgbouncer is missing: apt-get install pgbouncer');
  console.warn('skipped: pgbouncer is missing (apt-get install pgbouncer)');
}

const poolSize = 3;

(present ? describe : describe.skip).each([
  { way: 'with a way past it', direct: true },
  { way: 'with no way past it, by polling', direct: false },
])('the platform behind a transaction pooler, $way', ({ direct }) => {
  let database: TestDatabase;
  let pooler: Pooler;
  let home: PlatformHome;
  let platform: StartedProcess;
  let gateway: Client;
  let admin: Client;

  beforeAll(async () => {
    database = await createTestDatabase([]);
    pooler = await startPgBouncer(database, poolSize);
    home = await makeHome();
    platform = home.start({
      DATABASE_URL: pooler.url,
      DATABASE_ROLE_SECRET: database.roleSecret,
      ...(direct ? { DATABASE_DIRECT_URL: database.adminUrl } : {}),
    });
    gateway = await readyAt(platform);
    admin = (await signInAt(gateway)).client;
  });
  afterAll(async () => {
    await platform.end();
    await pooler.stop();
    await home.remove();
    await database.close();
  });

  it('answers, and tells its services what happened', async () => {
    expect((await gateway.get('/health/ready')).status).toBe(200);
    expect(await admin.post('/api/v1/tenants', { tenantId: 'tenant-one', name: 'One' })).toMatchObject({
      status: 201,
    });
    expect(await admin.post('/api/v1/tenants', { tenantId: 'tenant-two', name: 'Two' })).toMatchObject({
      status: 201,
    });
    await eventually(async () =>
      expect(await database.look('SELECT tenant_id FROM registry.tenant_copies ORDER BY 1')).toEqual([
        { tenant_id: 'tenant-one' },
        { tenant_id: 'tenant-two' },
      ]),
    );
  });

  it('refuses a session soon after its logout', async () => {
    const { client } = await signInAt(gateway);
    expect((await client.get('/api/v1/tenants')).status).toBe(200);
    await client.post('/api/v1/authentication/logout');
    await eventually(async () => expect((await client.get('/api/v1/tenants')).status).toBe(401), 2_000);
  });

  it('shows each tenant its own people only, however many ask at once', async () => {
    const robots = await Promise.all(
      ['tenant-one', 'tenant-two'].map(async (tenant) => {
        const { body } = await admin.post(`/api/v1/tenants/${tenant}/robots`, {
          name: `ci-${tenant}`,
          role: 'TenantAdmin',
        });
        return { tenant, robot: gateway.with((body as { token: string }).token) };
      }),
    );
    for (const { tenant, robot } of robots)
      await eventually(async () =>
        expect((await robot.get(`/api/v1/tenants/${tenant}/robots`)).status).toBe(200),
      );
    await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const { tenant, robot } = robots[n % 2]!;
        const { status, body } = await robot.get(`/api/v1/tenants/${tenant}/robots`);
        expect(status).toBe(200);
        expect((body as { robots: { name: string }[] }).robots.map((each) => each.name)).toEqual([
          `ci-${tenant}`,
        ]);
      }),
    );
  });

  it('leaves no tenant and no role behind on a connection that the next client gets', async () => {
    const url = serviceUrl(pooler.url, database.roleSecret, 'tenants');
    const service = new ServiceDatabase({ service: 'tenants', url, maxConnections: 20 });
    const seen = await Promise.all(
      Array.from({ length: 300 }, async (_, n) => {
        if (n % 3 === 2) return await service.withPlatform('look', (tx) => tx.one<Context>(context));
        const tenant = n % 3 === 0 ? 'tenant-one' : 'tenant-two';
        return await service.withTenant(tenant, (tx) => tx.one<Context>(context));
      }),
    );
    for (const [n, each] of seen.entries())
      expect(each).toEqual(
        [
          { tenant: 'tenant-one', role: 'switchyard_tenants' },
          { tenant: 'tenant-two', role: 'switchyard_tenants' },
          { tenant: '', role: 'switchyard_tenants_platform' },
        ][n % 3],
      );
    await service.close();
    const clients = Array.from({ length: 2 * poolSize }, () => new pg.Client({ connectionString: url }));
    await Promise.all(clients.map((client) => client.connect()));
    const bare = await Promise.all(clients.map((client) => client.query<Context>(context)));
    for (const { rows } of bare) expect(rows).toEqual([{ tenant: '', role: 'switchyard_tenants' }]);
    await Promise.all(clients.map((client) => client.end()));
  });

  it('opens no more connections than the pooler has for each role', async () => {
    const rows = await database.look<{ usename: string; n: number }>(
      `SELECT usename, count(*)::int AS n FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'switchyard-event-listener' GROUP BY 1`,
    );
    for (const { n } of rows) expect(n).toBeLessThanOrEqual(poolSize);
  });

  it('stops cleanly', async () => {
    expect(await platform.end()).toEqual({ code: 0, signal: null });
    expect(platform.output()).not.toMatch(/"level":"error"/);
  });
});

interface Context {
  tenant: string;
  role: string;
}
const context = `SELECT coalesce(current_setting('switchyard.tenant', true), '') AS tenant, current_user AS role`;
