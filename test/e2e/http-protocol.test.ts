import type { Answer } from '../support/client.js';
import { startPlatform, type RunningPlatform } from '../support/start-platform.js';

const tenants = '/api/v1/tenants';
const signIn = '/api/v1/authentication/login';
const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
const json = { 'content-type': 'application/json' };

describe('HTTP', () => {
  let platform: RunningPlatform;
  beforeAll(async () => {
    platform = await startPlatform({ CORS_ORIGINS: 'https://console.example.com' });
    await platform.admin.post(tenants, { tenantId: 'http-tenant', name: 'HTTP' });
  });
  afterAll(() => platform.stop());

  /** The envelope of seed 004, and nothing beside it. */
  function expectEnvelope(answer: Answer, status: number, code: string): void {
    expect(answer).toMatchObject({ status });
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.body).toEqual({
      error: {
        code,
        message: expect.stringMatching(/\w/),
        details: expect.any(Array),
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
    });
  }

  const big = JSON.stringify({ name: 'x'.repeat(2 ** 20) });
  it.each<[number, string, string, string, unknown?, Record<string, string>?]>([
    [400, 'VALIDATION_ERROR', 'POST', tenants, {}],
    [404, 'NOT_FOUND', 'GET', '/api/v1/nothing'],
    [404, 'NOT_FOUND', 'GET', `${tenants}/none-such`],
    [404, 'NOT_FOUND', 'GET', '/nothing'],
    [405, 'METHOD_NOT_ALLOWED', 'DELETE', tenants],
    [405, 'METHOD_NOT_ALLOWED', 'POST', '/health', {}],
    [406, 'NOT_ACCEPTABLE', 'GET', tenants, undefined, { accept: 'text/html' }],
    [406, 'NOT_ACCEPTABLE', 'GET', tenants, undefined, { accept: 'application/json;q=0' }],
    [409, 'CONFLICT', 'POST', tenants, { tenantId: 'http-tenant', name: 'Again' }],
    [
      412,
      'PRECONDITION_FAILED',
      'PATCH',
      `${tenants}/http-tenant`,
      { name: 'Late' },
      { ...json, 'if-match': '"99"' },
    ],
    [413, 'PAYLOAD_TOO_LARGE', 'POST', tenants, big],
    [414, 'URI_TOO_LONG', 'GET', `${tenants}?search=${'x'.repeat(9_000)}`],
    [415, 'UNSUPPORTED_MEDIA_TYPE', 'POST', tenants, '<a/>', { 'content-type': 'text/xml' }],
    [
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'POST',
      tenants,
      'a=b',
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
    [415, 'UNSUPPORTED_MEDIA_TYPE', 'POST', tenants, '{}', { ...json, 'content-encoding': 'gzip' }],
    [431, 'HEADERS_TOO_LARGE', 'GET', tenants, undefined, { 'x-big': 'x'.repeat(20_000) }],
  ])('answers %s %s in the envelope: %s', async (...[status, code, method, path, body, headers]) => {
    expectEnvelope(await platform.admin.send(method, path, body, headers), status, code);
  });

  it('answers 401 and 403 in the envelope, with a challenge', async () => {
    const anonymous = await platform.anonymous.get(tenants);
    expectEnvelope(anonymous, 401, 'UNAUTHORIZED');
    expect(anonymous.headers.get('www-authenticate')).toBe('Bearer realm="switchyard"');
    const password = 'a password for the tests';
    await platform.admin.post(`${tenants}/http-tenant/users`, {
      username: 'http-viewer',
      password,
      role: 'Viewer',
    });
    expectEnvelope(await (await platform.signIn('http-viewer', password)).get(tenants), 403, 'FORBIDDEN');
  });

  it('names the methods that are possible where another was tried', async () => {
    const { headers } = await platform.admin.delete(tenants);
    expect(headers.get('allow')?.split(', ').toSorted()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST']);
  });

  it('answers problem+json only when it is asked for', async () => {
    const { status, headers, body } = await platform.admin.post(
      tenants,
      {},
      { ...json, accept: 'application/problem+json' },
    );
    expect(status).toBe(400);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({
      status: 400,
      code: 'VALIDATION_ERROR',
      errors: [{ field: 'tenantId' }, { field: 'name' }],
    });
    expectEnvelope(
      await platform.admin.post(tenants, {}, { ...json, accept: '*/*' }),
      400,
      'VALIDATION_ERROR',
    );
  });

  it("goes on with the caller's trace", async () => {
    for (const [caller, path] of [
      [platform.admin, tenants],
      [platform.anonymous, tenants],
      [platform.admin, '/nothing'],
    ] as const) {
      const { headers, body } = await caller.get(`${path}?odd=1`, { traceparent });
      expect(headers.get('traceparent')).toMatch(
        new RegExp(`^00-${traceId}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`),
      );
      expect(body).toMatchObject({ error: { traceId } });
    }
    const fresh = await platform.admin.get(tenants, { traceparent: 'nonsense' });
    expect(fresh.headers.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  it('lists every problem of a request at once, with what came and what is allowed, and no secret', async () => {
    const { body } = await platform.admin.post('/api/v1/users?page=2', {
      username: 'a b',
      password: '',
      role: 'Emperor',
      tenantId: 'X',
      shoeSize: 46,
    });
    const { details } = (body as { error: { details: { field: string }[] } }).error;
    expect(details).toEqual(
      expect.arrayContaining([
        { field: 'page', message: 'is not a parameter of this request' },
        { field: 'shoeSize', message: 'is not a field of this request' },
        expect.objectContaining({ field: 'username', received: 'a b' }),
        expect.objectContaining({ field: 'password', received: '***' }),
        expect.objectContaining({
          field: 'role',
          received: 'Emperor',
          allowed: expect.arrayContaining(['Viewer']),
        }),
        expect.objectContaining({ field: 'tenantId', received: 'X' }),
      ]),
    );
    const { text } = await platform.anonymous.post(signIn, { username: 'x', password: ['my-secret-word'] });
    expect(text).not.toContain('my-secret-word');
  });

  it.each([tenants, '/health', '/openapi.json'])('answers HEAD %s as GET without a body', async (path) => {
    const [head, get] = [await platform.admin.send('HEAD', path), await platform.admin.get(path)];
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
  });

  it('protects every answer by headers', async () => {
    for (const path of [tenants, '/health', '/docs', '/nothing', '/api/v1/nothing']) {
      const { headers } = await platform.admin.get(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d+/);
      expect(headers.get('x-powered-by')).toBeNull();
    }
    expect((await platform.admin.get(tenants)).headers.get('content-security-policy')).toContain(
      "default-src 'none'",
    );
  });

  it('lets pages of a configured origin read, and no others', async () => {
    const preflight = (origin: string) =>
      platform.anonymous.send('OPTIONS', tenants, undefined, {
        origin,
        'access-control-request-method': 'POST',
      });
    const ours = await preflight('https://console.example.com');
    expect(ours.status).toBe(204);
    expect(ours.headers.get('access-control-allow-origin')).toBe('https://console.example.com');
    expect(ours.headers.get('access-control-allow-methods')).toContain('POST');
    expect(ours.headers.get('access-control-allow-credentials')).toBeNull();
    const theirs = await preflight('https://console.example.com.attacker.example');
    expect(theirs.headers.get('access-control-allow-origin')).toBeNull();
    for (const path of [tenants, '/openapi.json']) {
      const { headers } = await platform.admin.get(path, { origin: 'https://console.example.com' });
      expect(headers.get('access-control-allow-origin')).toBe('https://console.example.com');
      expect(headers.get('vary')).toContain('Origin');
    }
  });

  it('answers 304 to a client that has the version, and 412 to one that lost a race', async () => {
    const path = `${tenants}/http-tenant`;
    const etag = String((await platform.admin.get(path)).headers.get('etag'));
    expect(etag).toMatch(/^"\d+"$/);
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const answer = await platform.admin.get(path, { 'if-none-match': known });
      expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([304, '', etag]);
    }
    expect(await platform.admin.get(path, { 'if-none-match': '"0"' })).toMatchObject({ status: 200 });
    const update = (ifMatch: string) =>
      platform.admin.patch(path, { name: 'Raced' }, { ...json, 'if-match': ifMatch });
    const statuses = (await Promise.all([update(etag), update(etag), update(etag)])).map(
      ({ status }) => status,
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 412, 412]);
    expect(await update('*')).toMatchObject({ status: 200 });
    expect(await update('nonsense')).toMatchObject({ status: 400 });
  });
});
