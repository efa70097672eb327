import { ownerRole, platformRole, serviceRole, services, type ServiceName } from '@switchyard/database';
import { asService as as, refused } from '../support/as-service.js';
import { trustedIssuer } from '../support/outside-issuer.js';
import { startPlatform, type RunningPlatform } from '../support/start-platform.js';

const roles = services.flatMap((service) => [serviceRole(service), platformRole(service)]);
const tenants = ['rls-one', 'rls-two'] as const;

describe('row-level security, with the application out of the picture', () => {
  let platform: RunningPlatform;
  /** Tables of the services' own schemas that say whose a row is. */
  let tables: { schema: ServiceName; name: string }[];

  const idsSeen = (service: ServiceName, table: string, context?: string) =>
    as(platform, service, context, async (client) => {
      const { rows } = await client.query<{ tenant_id: string }>(`SELECT DISTINCT tenant_id FROM ${table}`);
      return rows.map((row) => row.tenant_id);
    });

  beforeAll(async () => {
    platform = await startPlatform();
    await (await trustedIssuer(platform, 'rls-issuer')).stop();
    for (const tenantId of tenants) {
      await platform.admin.post('/api/v1/tenants', { tenantId, name: tenantId });
      const person = {
        username: `somebody-${tenantId}`,
        password: 'a password for the tests',
        role: 'Viewer',
      };
      await platform.admin.post(`/api/v1/tenants/${tenantId}/users`, person);
      await platform.admin.post(`/api/v1/tenants/${tenantId}/robots`, { name: 'robot' });
      const rule = { name: 'rule', issuerId: 'rls-issuer', claims: { sub: 'somebody' } };
      await platform.admin.post(`/api/v1/tenants/${tenantId}/trust-rules`, rule);
    }
    tables = await platform.database.look(
      `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
       WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p') ORDER BY 1, 2`,
      [services],
    );
    // Purged ids belong to nobody any more; only the platform looks at them, which is tested below.
    tables = tables.filter(({ name }) => name !== 'purged_tenants');
  });
  afterAll(() => platform.stop());

  it('is enabled and forced on every table of the services, so that the owner is bound too', async () => {
    const open = await platform.database.look(
      `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
       WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity)`,
      [[...services, 'audit']],
    );
    expect(open).toEqual([]);
    expect(tables.map(({ schema, name }) => `${schema}.${name}`)).toEqual(
      expect.arrayContaining([
        'tenants.tenants',
        'tenants.users',
        'tenants.robots',
        'tenants.trust_rules',
        'registry.tenant_copies',
        'deployments.tenant_copies',
        'health.tenant_copies',
      ]),
    );
  });

  it('shows a service no row without a tenant, or with one that there is not', async () => {
    for (const { schema, name } of tables) {
      for (const context of [undefined, '', 'nobody-at-all', 'rls-%', "rls-one' OR true --"])
        expect({ name, seen: await idsSeen(schema, `${schema}.${name}`, context) }).toEqual({
          name,
          seen: [],
        });
    }
  });

  it.each(['tenants.tenants', 'tenants.users', 'tenants.robots', 'tenants.trust_rules'])(
    'shows %s of the one tenant in the context',
    async (table) => {
      for (const tenantId of tenants) expect(await idsSeen('tenants', table, tenantId)).toEqual([tenantId]);
    },
  );

  it.each([
    `INSERT INTO tenants.robots (robot_id, name, role, tenant_id, secret_hash, created_by, expires_at)
     VALUES ('r1', 'intruder', 'TenantAdmin', 'rls-two', 'x', 'x', now())`,
    `INSERT INTO tenants.users (user_id, username, password_hash, role, tenant_id)
     VALUES ('u1', 'intruder', 'x', 'TenantAdmin', 'rls-two')`,
    `INSERT INTO tenants.users (user_id, username, password_hash, role) VALUES ('u1', 'intruder', 'x', 'PlatformAdmin')`,
    `INSERT INTO tenants.tenants (tenant_id, name, namespace, quotas, rate_limits) VALUES ('rls-two', 'x', 'x', '{}', '{}')`,
    `UPDATE tenants.users SET tenant_id = 'rls-two'`,
    `UPDATE tenants.robots SET tenant_id = 'rls-two'`,
    `UPDATE tenants.trust_rules SET tenant_id = 'rls-two'`,
    `INSERT INTO tenants.trust_rules (rule_id, name, issuer_id, role, tenant_id, claims, anchor, created_by, created_by_id)
     VALUES ('r1', 'intruder', 'rls-issuer', 'TenantAdmin', 'rls-two', '{}', 'x', 'x', 'x')`,
    `INSERT INTO tenants.oidc_issuers (issuer_id, name, issuer, audience) VALUES ('evil', 'x', 'x', 'x')`,
    `UPDATE tenants.users SET tenant_id = NULL, role = 'PlatformAdmin'`,
  ])('refuses to a context of rls-one: %s', async (statement) => {
    await as(platform, 'tenants', 'rls-one', async (client) => {
      await expect(client.query(statement)).rejects.toMatchObject(refused);
    });
  });

  it.each(['users', 'robots', 'tenants', 'trust_rules'])(
    'changes and deletes no row of tenants.%s in another context',
    async (table) => {
      await as(platform, 'tenants', 'rls-one', async (client) => {
        const foreign = `WHERE tenant_id = 'rls-two' OR tenant_id IS NULL`;
        expect(
          await client.query(`UPDATE tenants.${table} SET tenant_id = tenant_id ${foreign}`),
        ).toMatchObject({ rowCount: 0 });
        expect(await client.query(`DELETE FROM tenants.${table} ${foreign}`)).toMatchObject({ rowCount: 0 });
      });
    },
  );

  it.each([
    'signing_keys',
    'publishers',
    'publisher_members',
    'publisher_keys',
    'sign_in_failures',
    'purged_tenants',
    'exchanged_tokens',
  ])('shows tenants.%s to no tenant at all', async (table) => {
    await as(platform, 'tenants', 'rls-one', async (client) => {
      expect(await client.query(`SELECT * FROM tenants.${table}`)).toMatchObject({ rowCount: 0 });
    });
  });

  it('lets a tenant read what outside issuers there are, as its rules name them, and change none', async () => {
    await as(platform, 'tenants', 'rls-one', async (client) => {
      expect(await client.query('SELECT issuer FROM tenants.oidc_issuers')).toMatchObject({ rowCount: 1 });
      for (const statement of [
        `UPDATE tenants.oidc_issuers SET audience = 'x'`,
        'DELETE FROM tenants.oidc_issuers',
      ])
        expect(await client.query(statement)).toMatchObject({ rowCount: 0 });
    });
  });

  it('keeps the answers that are kept for idempotency from tenants', async () => {
    await as(platform, 'tenants', 'rls-one', async (client) => {
      await expect(client.query('SELECT body FROM tenants.idempotency_keys')).rejects.toMatchObject(refused);
    });
  });

  it('gives no role of ours the means to step around it, and lets no platform role sign in', async () => {
    const found = await platform.database.look<{ rolname: string; rolcanlogin: boolean; powerful: boolean }>(
      `SELECT rolname, rolcanlogin, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS powerful
       FROM pg_roles WHERE rolname = ANY($1) ORDER BY 1`,
      [[ownerRole, ...roles]],
    );
    expect(found).toHaveLength(roles.length + 1);
    expect(found.filter((role) => role.powerful)).toEqual([]);
    const mayLogIn = found.filter((role) => role.rolcanlogin).map((role) => role.rolname);
    expect(mayLogIn).toEqual(services.map(serviceRole).toSorted());
  });

  it("makes a service's role a member of its own platform role only, without inheriting from it", async () => {
    const memberships = await platform.database.look<{ member: string; role: string; inherits: boolean }>(
      `SELECT m.rolname AS member, r.rolname AS role, m.rolinherit AS inherits FROM pg_auth_members
       JOIN pg_roles m ON m.oid = member JOIN pg_roles r ON r.oid = roleid WHERE m.rolname = ANY($1) ORDER BY 1`,
      [roles],
    );
    const expected = services.map((service) => ({
      member: serviceRole(service),
      role: platformRole(service),
      inherits: false,
    }));
    expect(memberships).toEqual(expected.toSorted((a, b) => a.member.localeCompare(b.member)));
  });

  it("lets no service, nor its platform role, into another service's schema", async () => {
    const reached = await platform.database.look(
      `SELECT r.rolname, n.nspname FROM pg_roles r CROSS JOIN pg_namespace n
       WHERE r.rolname = ANY($1) AND n.nspname = ANY($2)
         AND has_schema_privilege(r.rolname, n.nspname, 'USAGE, CREATE')
         AND r.rolname NOT IN ('switchyard_' || n.nspname, 'switchyard_' || n.nspname || '_platform')`,
      [roles, services],
    );
    expect(reached).toEqual([]);
    await as(platform, 'registry', 'rls-one', async (client) => {
      await expect(client.query('SELECT * FROM tenants.users')).rejects.toMatchObject(refused);
    });
    await as(platform, 'registry', undefined, async (client) => {
      await expect(client.query(`SET ROLE ${platformRole('tenants')}`)).rejects.toMatchObject(refused);
    });
  });

  it('has no view that reads with the rights of its owner', async () => {
    const views = await platform.database.look(
      `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
       WHERE n.nspname = ANY($1) AND (relkind = 'm' OR (relkind = 'v' AND NOT coalesce(reloptions @> '{security_invoker=true}', false)))`,
      [[...services, 'audit', 'events']],
    );
    expect(views).toEqual([]);
  });
});
