import { auditSchema } from '@switchyard/audit';
import type { ServiceDatabase } from '@switchyard/database';
import { eventsSchema } from '@switchyard/events';
import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import { tenantsSchema } from '../schema.js';
import type { TenantsOptions } from '../tenants-options.js';
import { ensureFirstAdmin } from './first-admin.js';
import { Passwords } from './passwords.js';

const demo = { username: 'admin@example.com', password: 'Admin123!', demo: true };
const root = { username: 'root@example.com', password: 'correct horse battery staple', demo: false };

describe('the first admin', () => {
  let database: TestDatabase;
  let tenants: ServiceDatabase;
  beforeEach(async () => {
    database = await createTestDatabase([auditSchema, eventsSchema, tenantsSchema]);
    tenants = database.open('tenants');
  });
  afterEach(() => database.close());

  const start = (firstAdmin: TenantsOptions['firstAdmin']) =>
    ensureFirstAdmin(tenants, new Passwords(12), {
      firstAdmin,
      clock: Date.now,
      accessTokenSeconds: 3600,
    } as TenantsOptions);
  const statuses = async () =>
    Object.fromEntries(
      (await database.look<{ username: string; status: string }>('SELECT * FROM tenants.users')).map(
        ({ username, status }) => [username, status],
      ),
    );

  it('for the demo goes and comes with its permission, and both are written down', async () => {
    await start(demo);
    await start(undefined);
    expect(await statuses()).toEqual({ [demo.username]: 'Disabled' });
    await start(demo);
    expect(await statuses()).toEqual({ [demo.username]: 'Active' });
    const actions = await database.look<{ action: string }>(
      'SELECT action FROM audit.entries ORDER BY occurred_at',
    );
    expect(actions.map(({ action }) => action)).toEqual(['user.created', 'user.disabled', 'user.enabled']);
  });

  it('for the demo stays disabled when an administrator disabled it', async () => {
    await start(demo);
    await database.look(`UPDATE tenants.users SET status = 'Disabled'`);
    await start(demo);
    expect(await statuses()).toEqual({ [demo.username]: 'Disabled' });
  });

  it('for the demo is not made again once there is another and it was deleted', async () => {
    await start(demo);
    await start(root);
    await database.look('DELETE FROM tenants.users WHERE demo');
    await start(demo);
    expect(await statuses()).toEqual({ [root.username]: 'Active' });
  });
});
