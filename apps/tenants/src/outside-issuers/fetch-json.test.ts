import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFetchJson, outboundTo } from './fetch-json.js';

describe('what an issuer publishes', () => {
  const answers: Record<string, (response: ServerResponse) => void> = {
    '/good': (response) => response.setHeader('cache-control', 'public, max-age=600').end('{"a":1}'),
    '/uncached': (response) => response.setHeader('cache-control', 'no-store').end('{}'),
    '/text': (response) => response.end('<html>'),
    '/error': (response) => response.writeHead(500).end('{}'),
    '/moved': (response) => response.writeHead(302, { location: '/good' }).end(),
    '/large': (response) => response.end(JSON.stringify('x'.repeat(256 * 1024))),
    '/silent': () => undefined,
    '/slow': (response) => void response.write('{'),
  };
  let server: Server;
  let host: string;
  beforeAll(async () => {
    server = createServer((request, response) => answers[request.url ?? '']?.(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const get = async (path: string, allow = [host]) =>
    await createFetchJson(outboundTo(allow, 300))(new URL(`http://${host}${path}`));

  it('is read with the time that it may be kept', async () => {
    expect(await get('/good')).toEqual({ json: { a: 1 }, maxAgeSeconds: 600 });
    expect(await get('/uncached')).toEqual({ json: {}, maxAgeSeconds: 0 });
  });

  it.each([
    ['/text', 'answered no JSON'],
    ['/error', 'answered 500'],
    ['/moved', 'redirects too often'],
    ['/large', 'larger than allowed'],
    ['/silent', 'took too long'],
    ['/slow', 'took too long'],
  ])('is not taken from %s: %s', async (path, reason) => {
    await expect(get(path)).rejects.toThrow(reason);
  });

  it('is not asked for without TLS, unless the operator says so', async () => {
    await expect(get('/good', [])).rejects.toThrow('OUTBOUND_ALLOW');
    await expect(get('/good', ['127.0.0.1:1'])).rejects.toThrow('only https is fetched');
    expect(await get('/good', ['127.0.0.0/8'])).toMatchObject({ json: { a: 1 } });
  });

  it('is not there when nobody listens', async () => {
    const nowhere = createFetchJson(outboundTo(['127.0.0.1']))(new URL('http://127.0.0.1:1/'));
    await expect(nowhere).rejects.toThrow('could not be made');
  });
});
