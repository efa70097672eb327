import { startPlatform, type RunningPlatform } from '../support/start-platform.js';

const tenants = '/api/v1/tenants';

describe('input that is none', () => {
  let platform: RunningPlatform;
  beforeAll(async () => (platform = await startPlatform()));
  afterAll(() => platform.stop());

  // As deep as fits into the largest body.
  const deep = 9_000;
  it.each<[string, string | Buffer]>([
    ['malformed JSON', '{"tenantId":'],
    ['two documents', '{}{}'],
    ['a byte order mark', Buffer.from('\uFEFF{}')],
    ['bad UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a list', '[]'],
    ['a number', '1'],
    ['null', 'null'],
    ['nothing', ''],
    ['NaN', '{"name":NaN}'],
    ['__proto__', '{"tenantId":"proto-one","name":"x","__proto__":{"admin":true}}'],
    ['a nested __proto__', '{"tenantId":"proto-one","name":"x","quotas":{"__proto__":{"maxCpu":1}}}'],
    [
      'constructor.prototype',
      '{"tenantId":"proto-one","name":"x","constructor":{"prototype":{"admin":true}}}',
    ],
    ['lists 9,000 deep', `{"tenantId":${'['.repeat(deep)}${']'.repeat(deep)}}`],
    ['objects 9,000 deep', `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`],
    ['a NUL character', '{"tenantId":"nul-one","name":"a\\u0000b"}'],
    ['half a character', '{"tenantId":"half-one","name":"a\\ud800b"}'],
    ['a number without end', '{"tenantId":"much-one","name":"x","quotas":{"maxCpu":1e999}}'],
  ])('refuses a body of %s', async (_name, body) => {
    const response = await fetch(platform.url + tenants, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${platform.admin.token ?? ''}` },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'VALIDATION_ERROR' } });
  });

  it.each([
    '?limit=1&limit=2',
    '?limit=0',
    '?limit=101',
    '?limit=ten',
    '?limit=1e1',
    '?offset=-1',
    '?offset=10001',
    '?unknown=1',
    '?__proto__=1',
    '?constructor=1',
    '?search=%00',
    '?cursor=%00',
    '?cursor=e30',
    '?status=Sleeping',
    '?search=%zz',
    '?search=%ff',
    '/%zz',
    '/%ff%fe',
    '/a%00bc',
    '/a%2Fusers',
    '/UPPER',
    `/${'x'.repeat(64)}`,
  ])('refuses %s with 400', async (rest) => {
    const { status, body } = await platform.admin.get(tenants + rest);
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: 'VALIDATION_ERROR' } } });
  });

  it.each([
    '/%zz',
    '/docs/constructor',
    '/docs/__proto__',
    '/docs/..%2fpackage.json',
    '/openapi.json/x',
    `/${'x'.repeat(5_000)}`,
  ])('has no answer but a refusal for %s', async (path) => {
    const { status, body } = await platform.anonymous.get(path);
    expect([400, 404]).toContain(status);
    expect(body).toMatchObject({ error: { code: expect.any(String) } });
  });

  it('leaves nothing behind', async () => {
    expect(await platform.admin.get(tenants)).toMatchObject({ status: 200, body: { total: 0 } });
    expect(platform.output()).not.toContain('"level":"error"');
  });
});
