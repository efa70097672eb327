import { sendRaw } from '../support/raw.js';
import { startPlatform, type RunningPlatform } from '../support/start-platform.js';

describe('what no HTTP client would send', () => {
  let platform: RunningPlatform;
  let head: string;
  beforeAll(async () => {
    platform = await startPlatform();
    head = `Host: x\r\nAuthorization: Bearer ${platform.admin.token ?? ''}\r\nContent-Type: application/json\r\n`;
  });
  afterAll(() => platform.stop());

  const post = (rest: string) => sendRaw(platform.url, `POST /api/v1/tenants HTTP/1.1\r\n${head}${rest}`);
  const get = (line: string, headers = head) => sendRaw(platform.url, `${line}\r\n${headers}\r\n`);

  it.each([
    ['a length and chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['chunks and a length', 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x'],
    ['the same length twice', 'Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}'],
    ['a length with a sign', 'Content-Length: +2\r\n\r\n{}'],
    ['a negative length', 'Content-Length: -1\r\n\r\n'],
    ['a length that is none', 'Content-Length: 0x2\r\n\r\n{}'],
    ['an unknown transfer encoding', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['chunks that are not last', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
    ['a chunk too large to count', 'Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n'],
    ['a chunk size that is none', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n'],
    ['a space before the colon', 'Content-Length : 2\r\n\r\n{}'],
    ['a folded header', 'X-A: b\r\n Content-Length: 2\r\n\r\n{}'],
    ['a header without a name', ': x\r\nContent-Length: 2\r\n\r\n{}'],
  ])('refuses %s and closes: nothing is smuggled behind it', async (_name, rest) => {
    const smuggled = 'GET /api/v1/authentication/me HTTP/1.1\r\nHost: x\r\n\r\n';
    const { status, headers, body, text } = await post(rest + smuggled);
    expect(status).toBe(400);
    expect(headers.get('connection')).toBe('close');
    expect(body).toMatchObject({
      error: { code: 'VALIDATION_ERROR', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
    expect(text.match(/^HTTP\/1\.1/gm)).toHaveLength(1);
  });

  it.each([
    ['no Host', 'Accept: */*\r\n'],
    ['two Hosts', 'Host: one\r\nHost: two\r\n'],
  ])('refuses %s in the envelope', async (_name, headers) => {
    expect(await get('GET /health HTTP/1.1', headers)).toMatchObject({
      status: 400,
      body: { error: { code: 'VALIDATION_ERROR' } },
    });
  });

  it.each(['TRACE', 'PROPFIND', 'LOCK', 'PURGE'])('answers %s with 405 and Allow', async (method) => {
    const { status, headers, body } = await get(`${method} /api/v1/tenants HTTP/1.1`);
    expect(status).toBe(405);
    expect(headers.get('allow')).toContain('GET');
    expect(body).toMatchObject({ error: { code: 'METHOD_NOT_ALLOWED' } });
  });

  it.each(['get', 'FROB', 'G\x01T'])('knows no method %j', async (method) => {
    const { status, body } = await get(`${method} /api/v1/tenants HTTP/1.1`);
    expect([400, 501]).toContain(status);
    expect(body).toMatchObject({ error: { code: expect.any(String) } });
  });

  it('reads an absolute address as its path, as a proxy may send it', async () => {
    expect(await get('GET http://elsewhere/api/v1/tenants?limit=1 HTTP/1.1')).toMatchObject({
      status: 200,
      body: { limit: 1 },
    });
    expect(await get('GET HTTP://elsewhere HTTP/1.1')).toMatchObject({ status: 302 });
  });

  it('says 417 to what it cannot meet, with the trace of the caller', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const answer = await post(
      `Expect: wonders\r\ntraceparent: 00-${traceId}-b7ad6b7169203331-01\r\nContent-Length: 2\r\n\r\n{}`,
    );
    expect(answer).toMatchObject({ status: 417, body: { error: { code: 'EXPECTATION_FAILED', traceId } } });
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('refuses a body over the limit before it has come, and while it comes in chunks', async () => {
    expect(await post('Content-Length: 99999999\r\n\r\n{')).toMatchObject({
      status: 413,
      body: { error: { code: 'PAYLOAD_TOO_LARGE' } },
    });
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    const chunked = await post(`Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(17)}0\r\n\r\n`);
    expect(chunked).toMatchObject({ status: 413, body: { error: { code: 'PAYLOAD_TOO_LARGE' } } });
  });

  it('still answers in the envelope on a connection that was used before', async () => {
    const first = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n';
    const { text } = await sendRaw(
      platform.url,
      `${first}GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`,
    );
    expect(text).toMatch(/HTTP\/1\.1 (200|431)/);
    const agent = await fetch(`${platform.url}/health`);
    await agent.text();
    const big = await fetch(`${platform.url}/health`, { headers: { 'x-big': 'x'.repeat(20_000) } });
    expect(big.status).toBe(431);
    expect(await big.json()).toMatchObject({ error: { code: 'HEADERS_TOO_LARGE' } });
  });

  it('gives pages of other origins nothing when none is configured', async () => {
    const { status, headers } = await get(
      'OPTIONS /api/v1/tenants HTTP/1.1',
      'Host: x\r\nOrigin: https://console.example.com\r\n',
    );
    expect(status).toBe(204);
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});
