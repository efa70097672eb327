import { startPlatform, type RunningPlatform } from '../support/start-platform.js';

const acme = {
  tenantId: 'tenant-acme-corp',
  name: 'Acme Corporation',
  description: 'Enterprise customer',
  namespace: 'acme-prod',
  quotas: { maxPlugins: 20, maxCpu: 8.0, maxMemoryGB: 16, maxStorageGB: 100 },
  rateLimits: { maxRequestsPerMinute: 2000, maxDeploymentsPerHour: 20 },
  allowedCategories: ['PaymentGateway', 'Authentication', 'Reporting'],
  contactEmail: 'admin@acme.com',
  subscriptionTier: 'Enterprise',
};

describe('tenants, as seed 004 documents them', () => {
  let platform: RunningPlatform;
  beforeAll(async () => (platform = await startPlatform()));
  afterAll(() => platform.stop());

  it('signs in', async () => {
    const { status, body } = await platform.anonymous.post('/api/v1/authentication/login', {
      username: 'admin@example.com',
      password: 'Admin123!',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      user: { username: 'admin@example.com', role: 'PlatformAdmin' },
    });
  });

  it('creates, lists and shows the documented tenant', async () => {
    const created = await platform.admin.post('/api/v1/tenants', acme);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      tenantId: 'tenant-acme-corp',
      name: 'Acme Corporation',
      namespace: 'acme-prod',
      status: 'Active',
      createdAt: expect.stringMatching(/Z$/),
    });
    const listed = await platform.admin.get('/api/v1/tenants?status=Active&tier=Enterprise');
    expect(listed).toMatchObject({
      status: 200,
      body: {
        total: 1,
        tenants: [{ tenantId: acme.tenantId, subscriptionTier: 'Enterprise', pluginCount: 0 }],
      },
    });
    const shown = await platform.admin.get('/api/v1/tenants/tenant-acme-corp');
    expect(shown.body).toMatchObject({
      ...acme,
      quotas: { ...acme.quotas, maxInstances: 20 },
      resourceUsage: { currentCpu: 0, currentMemoryGB: 0, currentInstances: 0 },
    });
  });

  it('refuses a second one of the same id or namespace', async () => {
    expect(
      await platform.admin.post('/api/v1/tenants', { tenantId: 'first-one', name: 'First' }),
    ).toMatchObject({ status: 201 });
    const again = await platform.admin.post('/api/v1/tenants', { tenantId: 'first-one', name: 'Again' });
    expect(again).toMatchObject({
      status: 409,
      body: { error: { code: 'CONFLICT', details: [{ field: 'tenantId' }] } },
    });
    const namespace = await platform.admin.post('/api/v1/tenants', {
      tenantId: 'second-one',
      name: 'Second',
      namespace: 'first-one',
    });
    expect(namespace).toMatchObject({ status: 409, body: { error: { details: [{ field: 'namespace' }] } } });
  });
});
