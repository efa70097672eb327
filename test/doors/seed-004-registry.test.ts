import { eventually } from '@switchyard/testing';
import type { Answer, Client } from '../support/client.js';
import { installed } from '../support/installations.js';
import { shapeProblems } from '../support/shape.js';
import { startPlatform, type RunningPlatform } from '../support/start-platform.js';
import { password } from '../support/world.js';

/** The document's request, word for word; but `sha256:abc123...` stands for 64 digits. */
const checksum = `sha256:${'abc123'.repeat(11).slice(0, 64)}`;
const registration = {
  pluginId: 'payment-stripe',
  name: 'Stripe Payment Processor',
  description: 'Process payments via Stripe API',
  category: 'PaymentGateway',
  publisher: 'Acme Corp',
  iconUrl: 'https://example.com/icons/stripe.png',
  documentationUrl: 'https://docs.example.com/plugins/stripe',
  repositoryUrl: 'https://github.com/acme/stripe-plugin',
  tags: ['payment', 'stripe', 'credit-card'],
  version: {
    semanticVersion: '2.0.0',
    state: 'Beta',
    runtime: { type: 'DotNet8', version: '8.0' },
    resources: { minCpu: 0.2, maxCpu: 1.0, minMemoryMB: 256, maxMemoryMB: 1024 },
    binaryUrl: 's3://plugins/payment-stripe-2.0.0.dll',
    checksum,
    configurationSchema: '{"type":"object","properties":{"apiKey":{"type":"string"}}}',
    dependencies: [
      { dependencyId: 'core-payments', type: 'Plugin', versionConstraint: '>=1.0.0,<2.0.0', required: true },
    ],
    releaseNotes: 'Added support for recurring payments',
  },
  capabilities: [
    {
      capabilityId: 'IPaymentProcessor',
      name: 'Payment Processor',
      version: '1.0',
      methods: [
        {
          name: 'ProcessPayment',
          returnType: 'PaymentResult',
          parameters: [
            { name: 'amount', type: 'decimal', required: true },
            { name: 'currency', type: 'string', required: true },
          ],
        },
      ],
    },
  ],
};

const time = '2025-11-23T12:00:00Z';

interface Documented {
  request: string;
  status: number;
  limit: number;
  /** As the document shows it. */
  answer: unknown;
  /** Values that follow from what was registered. */
  exactly?: unknown;
}

const reads: Documented[] = [
  {
    request: '/api/v1/plugins?category=PaymentGateway&status=Active&limit=20&offset=0',
    status: 200,
    limit: 60,
    answer: {
      plugins: [
        {
          pluginId: 'payment-stripe',
          name: 'Stripe Payment Processor',
          category: 'PaymentGateway',
          publisher: 'Acme Corp',
          status: 'Active',
          latestVersion: '2.0.0',
          installationCount: 245,
          averageRating: 4.8,
          createdAt: time,
        },
      ],
      total: 42,
      limit: 20,
      offset: 0,
    },
    exactly: {
      plugins: [
        {
          pluginId: 'payment-stripe',
          publisher: 'Acme Corp',
          status: 'Active',
          installationCount: 1,
          averageRating: 5,
        },
      ],
      total: 1,
      limit: 20,
      offset: 0,
    },
  },
  {
    request: '/api/v1/plugins/payment-stripe',
    status: 200,
    limit: 60,
    answer: {
      pluginId: 'payment-stripe',
      name: 'Stripe Payment Processor',
      description: 'Process payments via Stripe API',
      category: 'PaymentGateway',
      publisher: 'Acme Corp',
      iconUrl: 'https://example.com/icons/stripe.png',
      documentationUrl: 'https://docs.example.com/plugins/stripe',
      tags: ['payment', 'stripe', 'credit-card'],
      status: 'Active',
      versions: [{ semanticVersion: '2.0.0', state: 'Stable', createdAt: time }],
      capabilities: [{ capabilityId: 'IPaymentProcessor', name: 'Payment Processor' }],
      installationCount: 245,
      averageRating: 4.8,
      createdAt: time,
      updatedAt: time,
    },
    exactly: {
      iconUrl: registration.iconUrl,
      documentationUrl: registration.documentationUrl,
      tags: registration.tags,
      versions: [{ semanticVersion: '2.0.0', state: 'Stable' }],
      capabilities: [{ capabilityId: 'IPaymentProcessor', name: 'Payment Processor' }],
    },
  },
  {
    request: '/api/v1/plugins/payment-stripe/versions/2.0.0',
    status: 200,
    limit: 60,
    answer: {
      versionId: 'ver-abc123',
      pluginId: 'payment-stripe',
      semanticVersion: '2.0.0',
      state: 'Stable',
      runtime: { type: 'DotNet8', version: '8.0' },
      resources: { minCpu: 0.2, maxCpu: 1.0, minMemoryMB: 256, maxMemoryMB: 1024 },
      binaryUrl: 's3://plugins/payment-stripe-2.0.0.dll',
      checksum: 'sha256:abc123...',
      dependencies: [{ dependencyId: 'core-payments', type: 'Plugin', versionConstraint: '>=1.0.0,<2.0.0' }],
      releaseNotes: 'Added support for recurring payments',
      createdAt: time,
    },
    exactly: {
      versionId: expect.stringMatching(/^ver-/),
      state: 'Stable',
      runtime: registration.version.runtime,
      resources: registration.version.resources,
      binaryUrl: registration.version.binaryUrl,
      checksum,
      dependencies: registration.version.dependencies,
      releaseNotes: registration.version.releaseNotes,
    },
  },
  {
    request: '/api/v1/capabilities',
    status: 200,
    limit: 60,
    answer: {
      capabilities: [
        { capabilityId: 'IPaymentProcessor', name: 'Payment Processor', version: '1.0', pluginCount: 3 },
      ],
      total: 15,
    },
    exactly: {
      capabilities: [
        { capabilityId: 'IPaymentProcessor', name: 'Payment Processor', version: '1.0', pluginCount: 1 },
      ],
      total: 1,
    },
  },
  {
    request: '/api/v1/capabilities/IPaymentProcessor/plugins',
    status: 200,
    limit: 60,
    answer: {
      capabilityId: 'IPaymentProcessor',
      plugins: [{ pluginId: 'payment-stripe', name: 'Stripe Payment Processor', latestVersion: '2.0.0' }],
      total: 3,
    },
    exactly: {
      capabilityId: 'IPaymentProcessor',
      plugins: [{ pluginId: 'payment-stripe', name: 'Stripe Payment Processor', latestVersion: '2.0.0' }],
      total: 1,
    },
  },
  {
    request: '/api/v1/marketplace/plugins?category=PaymentGateway&featured=true',
    status: 200,
    limit: 60,
    answer: {
      plugins: [
        {
          pluginId: 'payment-stripe',
          name: 'Stripe Payment Processor',
          category: 'PaymentGateway',
          publisher: 'Acme Corp',
          description: 'Process payments via Stripe',
          iconUrl: 'https://example.com/icons/stripe.png',
          latestVersion: '2.0.0',
          installationCount: 245,
          averageRating: 4.8,
          featured: true,
        },
      ],
      total: 42,
    },
    exactly: { plugins: [{ pluginId: 'payment-stripe', featured: true, installationCount: 1 }], total: 1 },
  },
  {
    request: '/api/v1/marketplace/search?q=payment&tags=stripe,credit-card',
    status: 200,
    limit: 60,
    answer: {
      query: 'payment',
      results: [
        {
          pluginId: 'payment-stripe',
          name: 'Stripe Payment Processor',
          relevanceScore: 0.95,
          installationCount: 245,
        },
      ],
      total: 5,
    },
    exactly: { query: 'payment', results: [{ pluginId: 'payment-stripe' }], total: 1 },
  },
];

const readers = ['PlatformAdmin', 'TenantAdmin', 'PluginDeveloper', 'TenantUser', 'Viewer'] as const;

/** With the limits as they are by default. */
const defaults = { RATE_LIMIT_READS: '60', RATE_LIMIT_WRITES: '10', RATE_LIMIT_SIGN_INS: '60' };

describe('seed 004: plugins, capabilities and marketplace', () => {
  let platform: RunningPlatform;
  const callers = {} as Record<(typeof readers)[number], Client>;
  let registered: Answer;

  beforeAll(async () => {
    platform = await startPlatform(defaults);
    const { admin, signIn } = platform;
    await admin.post('/api/v1/tenants', {
      tenantId: 'tenant-acme-corp',
      name: 'Acme Corporation',
      // So that the tightest budget is the endpoint's.
      rateLimits: { maxRequestsPerMinute: 1_000_000 },
    });
    callers.PlatformAdmin = admin;
    for (const role of readers.slice(1)) {
      const tenantId = role === 'PluginDeveloper' ? undefined : 'tenant-acme-corp';
      await admin.post('/api/v1/users', { username: role, password, role, tenantId });
      callers[role] = await signIn(role, password);
    }
    registered = await admin.post('/api/v1/plugins', registration);
    await admin.post('/api/v1/plugins/payment-stripe/versions/2.0.0/promote', { state: 'Stable' });
    await admin.put('/api/v1/marketplace/plugins/payment-stripe/featured');
    await installed(platform.database, 'tenant-acme-corp', 'payment-stripe', '2.0.0');
    await eventually(async () => {
      expect(await platform.database.look('SELECT status FROM registry.plugins')).toEqual([
        { status: 'Active' },
      ]);
    });
    await callers.TenantAdmin.put('/api/v1/marketplace/plugins/payment-stripe/review', { rating: 5 });
  });
  afterAll(() => platform.stop());

  it('registers the plugin of the document, and answers as it shows', () => {
    expect(registered.status).toBe(201);
    expect(registered.headers.get('x-ratelimit-limit')).toBe('10');
    expect(registered.body).toMatchObject({
      pluginId: 'payment-stripe',
      name: 'Stripe Payment Processor',
      status: 'Registered',
      version: '2.0.0',
    });
    expect(
      shapeProblems(
        { pluginId: 'payment-stripe', name: 'x', status: 'Registered', version: '2.0.0', createdAt: time },
        registered.body,
      ),
    ).toEqual([]);
  });

  describe.each(reads)('GET $request', ({ request, status, limit, answer, exactly }) => {
    it.each(readers)('answers a %s as the document shows', async (role) => {
      const got = await callers[role].get(request);
      expect(got.status).toBe(status);
      expect(got.headers.get('x-ratelimit-limit')).toBe(String(limit));
      expect(shapeProblems(answer, got.body)).toEqual([]);
      expect(got.body).toMatchObject(exactly as object);
    });

    it('answers nobody without a token', async () => {
      expect(await platform.anonymous.get(request)).toMatchObject({
        status: 401,
        body: { error: { code: 'UNAUTHORIZED' } },
      });
    });
  });

  it.each(['TenantAdmin', 'TenantUser', 'Viewer'] as const)('lets no %s register', async (role) => {
    expect(await callers[role].post('/api/v1/plugins', registration)).toMatchObject({
      status: 403,
      body: { error: { code: 'FORBIDDEN' } },
    });
  });

  it('explains a bad id in the words of the document', async () => {
    const { status, body } = await platform.admin.post('/api/v1/plugins', {
      ...registration,
      pluginId: 'Payment_Stripe',
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: {
        code: 'VALIDATION_ERROR',
        details: [
          {
            field: 'pluginId',
            message: expect.stringContaining(
              'PluginId must contain only lowercase letters, numbers, and dashes',
            ),
          },
        ],
        traceId: expect.any(String),
        timestamp: expect.any(String),
      },
    });
  });

  it.each(readers.slice(1))('lets no %s delete', async (role) => {
    expect(await callers[role].delete('/api/v1/plugins/payment-stripe')).toMatchObject({ status: 403 });
  });

  it('deletes the plugin with 204 once nobody has it deployed, and 409 before', async () => {
    const refused = await platform.admin.delete('/api/v1/plugins/payment-stripe');
    expect(refused.status).toBe(409);
    expect(refused.headers.get('x-ratelimit-limit')).toBe('10');
    expect(refused.body).toMatchObject({
      error: { code: 'CONFLICT', message: expect.stringContaining('undeploy') },
    });
    await installed(platform.database, 'tenant-acme-corp', 'payment-stripe', null);
    await eventually(async () => {
      const [row] = await platform.database.look('SELECT installation_count FROM registry.plugins');
      expect(row).toMatchObject({ installation_count: 0 });
    });
    expect(await platform.admin.delete('/api/v1/plugins/payment-stripe')).toMatchObject({
      status: 204,
      text: '',
    });
    expect(await platform.admin.get('/api/v1/plugins/payment-stripe')).toMatchObject({ status: 404 });
  });

  it('refuses the eleventh registration of a minute, and says when the next is possible', async () => {
    const answers = await Promise.all(
      Array.from({ length: 11 }, () => callers.PluginDeveloper.post('/api/v1/plugins', {})),
    );
    const last = answers.find(({ status }) => status === 429);
    expect(last?.body).toMatchObject({ error: { code: 'RATE_LIMIT_EXCEEDED' } });
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(last?.headers.get('x-ratelimit-remaining')).toBe('0');
  });
});
