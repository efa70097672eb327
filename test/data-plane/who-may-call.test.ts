import { AppWorld, pluginId, tenantId } from './support/app-world.js';

const app = `/app/${pluginId}`;

describe('who may call a plugin', () => {
  let world: AppWorld;
  beforeAll(async () => {
    world = await AppWorld.start({ APP_DOMAIN: 'apps.test' });
    await world.simple({
      prefixes: ['payments'],
      publicRoutes: [
        { methods: ['GET'], path: '/public/**' },
        { methods: ['POST'], path: '/hooks/*' },
      ],
    });
  });
  afterAll(() => world.stop());

  const call = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(world.url + path, { headers, method });
  const errorOf = async (answer: Response) => ({
    status: answer.status,
    code: ((await answer.json()) as { error: { code: string } }).error.code,
  });
  const bearer = (...of: Parameters<AppWorld['tokenOf']>) => ({
    authorization: `Bearer ${world.tokenOf(...of)}`,
  });

  it.each(['TenantAdmin', 'PluginDeveloper', 'TenantUser', 'Viewer'] as const)(
    'lets a %s of the tenant pass',
    async (role) => {
      const answer = await call(`${app}/hello?x=1`, bearer(role));
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ method: 'GET', url: '/hello?x=1' });
    },
  );

  it.each([app, `${app}/`, `${app}?a=b`, '/app/core_payments/x', '/app/payments/x'])(
    'finds the plugin at %s',
    async (path) => expect((await call(path, bearer())).status).toBe(200),
  );

  it('says 401 without a token, and with one that is none of ours, even where no token is needed', async () => {
    expect(await errorOf(await call(`${app}/x`))).toEqual({ status: 401, code: 'UNAUTHORIZED' });
    expect(await errorOf(await call(`${app}/public/x`, { authorization: 'Bearer x.y.z' }))).toEqual({
      status: 401,
      code: 'UNAUTHORIZED',
    });
  });

  it('answers another tenant as if the plugin did not exist', async () => {
    const foreign = await call(`${app}/x`, bearer('TenantAdmin', 'user-2', 'other-corp'));
    const missing = await call('/app/no-such-plugin/x', bearer());
    expect(await errorOf(foreign)).toEqual({ status: 404, code: 'NOT_FOUND' });
    expect(await errorOf(missing)).toEqual({ status: 404, code: 'NOT_FOUND' });
  });

  it('lets a member name no other tenant', async () => {
    const answer = await call(`${app}/x`, { ...bearer(), 'x-switchyard-tenant': 'other-corp' });
    expect(await errorOf(answer)).toEqual({ status: 404, code: 'NOT_FOUND' });
  });

  it('asks a PlatformAdmin which tenant is meant', async () => {
    expect(await errorOf(await call(`${app}/x`, bearer('PlatformAdmin')))).toEqual({
      status: 400,
      code: 'VALIDATION_ERROR',
    });
    const named = await call(`${app}/x`, { ...bearer('PlatformAdmin'), 'x-switchyard-tenant': tenantId });
    expect(named.status).toBe(200);
  });

  describe('on a host of the tenant', () => {
    const raw = async (path: string, host: string, method = 'GET') => {
      const { request } = await import('node:http');
      return await new Promise<{ status: number; csp: unknown }>((resolve, reject) => {
        const { hostname, port } = new URL(world.url);
        const sent = request({ hostname, port, path, method, headers: { host } }, (answer) => {
          answer.resume();
          resolve({ status: answer.statusCode ?? 0, csp: answer.headers['content-security-policy'] });
        });
        sent.once('error', reject).end();
      });
    };

    it.each([
      ['/public/x', 'GET', 200],
      ['/public/x/y', 'HEAD', 200],
      ['/hooks/stripe', 'POST', 200],
      ['/hooks/stripe', 'GET', 401],
      ['/hooks/a/b', 'POST', 401],
      ['/publicity', 'GET', 401],
      ['/public/../private', 'GET', 401],
      ['/public/%2e%2e/private', 'GET', 401],
      ['/public/..%2fprivate', 'GET', 401],
      ['/public//private', 'GET', 401],
      ['/public/..;/private', 'GET', 401],
      ['/private', 'GET', 401],
    ])('answers %s by %s with %i when nobody is signed in', async (path, method, status) => {
      expect((await raw(app + path, `${tenantId}.apps.test:80`, method)).status).toBe(status);
    });

    it('serves nothing but plugins', async () => {
      expect((await raw('/docs', `${tenantId}.apps.test`)).status).toBe(404);
      expect((await raw('/health', 'localhost')).status).toBe(200);
    });

    it('knows environments by their host, and no tenant that there is not', async () => {
      expect((await raw(`${app}/public/x`, `production--${tenantId}.apps.test`)).status).toBe(200);
      expect((await raw(`${app}/public/x`, `qa--${tenantId}.apps.test`)).status).toBe(404);
      expect((await raw(`${app}/public/x`, 'nobody.apps.test')).status).toBe(404);
    });
  });

  it('asks which environment is meant only when Production is not among several', async () => {
    const environments = ['Development', 'QA'] as const;
    for (const environment of environments) await world.simple({ pluginId: 'many-places', environment });
    const open = await call('/app/many-places/x', bearer());
    expect(open.status).toBe(409);
    expect(await open.text()).toContain('Development, QA');
    for (const environment of environments) {
      const byHeader = { ...bearer(), 'x-switchyard-environment': environment };
      expect((await call('/app/many-places/x', byHeader)).status).toBe(200);
      expect((await call(`/app/many-places/x?environment=${environment}`, bearer())).status).toBe(200);
    }
    expect(
      (await call('/app/many-places/x', { ...bearer(), 'x-switchyard-environment': 'Moon' })).status,
    ).toBe(400);
    expect((await call('/app/many-places/x?environment=Staging', bearer())).status).toBe(404);
    await world.simple({ pluginId: 'many-places', environment: 'Production' });
    expect((await call('/app/many-places/x', bearer())).status).toBe(200);
  });

  it('serves no suspended tenant', async () => {
    await world.tenant('held-corp', 'Suspended');
    const held = () => call(`${app}/x`, bearer('TenantUser', 'user-3', 'held-corp'));
    const { eventually } = await import('@switchyard/testing');
    await eventually(async () =>
      expect(await errorOf(await held())).toEqual({ status: 503, code: 'TENANT_SUSPENDED' }),
    );
  });

  it('believes a revoked token no longer, at once and in what is still open', async () => {
    const token = { authorization: `Bearer ${world.tokenOf('TenantUser', 'leaver')}` };
    const { eventually } = await import('@switchyard/testing');
    await world.simple({ pluginId: 'endless-stream' }, 'endless', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    });
    const stream = await call('/app/endless-stream/x', token);
    const reader = stream.body!.getReader();
    await reader.read();
    await world.revokeSession('session-of-leaver');
    await expect(reader.read()).rejects.toThrow();
    await eventually(async () => expect((await call(`${app}/x`, token)).status).toBe(401));
  });
});
