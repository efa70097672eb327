import { createHash, createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { eventually } from '@switchyard/testing';
import { AppWorld, pluginId, tenantId } from './support/app-world.js';
import { ask, RawConnection } from './support/http.js';
import type { PluginServer } from './support/plugin-server.js';

const app = `/app/${pluginId}`;

describe('what passes between a caller and a plugin', () => {
  let world: AppWorld;
  let plugin: PluginServer;
  beforeAll(async () => {
    world = await AppWorld.start();
    plugin = await world.simple();
  });
  afterAll(() => world.stop());
  afterEach(() => plugin.seen.splice(0));

  const send = (path: string, options: Parameters<typeof ask>[1] = {}) =>
    ask(world.url + app + path, { ...options, headers: { ...world.headers, ...options.headers } });

  describe('of the request', () => {
    it('keeps method, address and body as they are', async () => {
      const target = '/a%2Fb/../c;d=e/%C3%A4?x=%20&y=a+b&x=2';
      const connection = await RawConnection.open(world.url);
      connection.write(
        `PATCH ${app}${target} HTTP/1.1\r\nHost: h\r\nAuthorization: ${world.headers.authorization}\r\nContent-Length: 4\r\nX-A: 1\r\nx-a: 2\r\n\r\n\x00\xff\r\n`,
      );
      await connection.until('"body"');
      connection.socket.destroy();
      expect(plugin.seen[0]).toMatchObject({ method: 'PATCH', url: target, body: '\x00\xff\r\n' });
      expect(plugin.seen[0]?.headers['x-a']).toBe('1, 2');
    });

    it('takes away what was meant for us or for this connection, and what only we may say', async () => {
      const spoofed = {
        'x-switchyard-identity': 'a',
        x_switchyard_identity: 'b',
        'X-Switchyard-Environment': 'Production',
        'x-forwarded-user': 'root',
        x_forwarded_for: '1.2.3.4',
        'remote-user': 'root',
        'x-remote-user': 'root',
        'x-auth-request-user': 'root',
        'x-real-ip': '1.2.3.4',
        forwarded: 'for=1.2.3.4',
        proxy: 'http://evil',
        'keep-alive': 'timeout=5',
        'proxy-authorization': 'Basic x',
        te: 'gzip',
        'x-hop': 'only here',
        connection: 'keep-alive, X-Hop',
      };
      await send('/x', { headers: { ...spoofed, 'x-kept': 'yes', 'user-agent': 'me' } });
      const { headers } = plugin.seen[0]!;
      expect(headers).toMatchObject({ 'x-kept': 'yes', 'user-agent': 'me' });
      const { 'x-switchyard-identity': identity, connection, ...rest } = headers;
      expect(identity).not.toMatch(/^[ab]/);
      expect(connection).not.toContain('Hop');
      const gone = Object.keys(spoofed).filter((name) => name !== 'connection' && !/identity$/.test(name));
      for (const name of [...gone, 'authorization', 'x_switchyard_identity'])
        expect(Object.keys(rest)).not.toContain(name.toLowerCase());
    });

    it('gives no plugin a token or a cookie of ours', async () => {
      await send('/x', { headers: { cookie: 'theme=dark; __Host-switchyard_session=s; swy=1; lang=en' } });
      await send('/x', { headers: { cookie: 'switchyard-session=s' } });
      expect(plugin.seen.map(({ headers }) => headers.cookie)).toEqual(['theme=dark; lang=en', undefined]);
      expect(JSON.stringify(plugin.seen)).not.toContain(world.headers.authorization.slice(30));
    });

    it('tells where it came from', async () => {
      await ask(`${world.url}/app/core_payments/x`, {
        headers: {
          ...world.headers,
          host: 'shop.example',
          'x-forwarded-for': '6.6.6.6',
          'x-forwarded-proto': 'https',
        },
      });
      expect(plugin.seen[0]?.headers).toMatchObject({
        host: 'shop.example',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': 'shop.example',
        'x-forwarded-prefix': '/app/core_payments',
      });
    });

    it('goes on with the trace of the caller in a span of its own', async () => {
      const trace = '0af7651916cd43dd8448eb211c80319c';
      await send('/x', { headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` } });
      expect(plugin.seen[0]?.headers['traceparent']).toMatch(
        new RegExp(`^00-${trace}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`),
      );
    });

    it('says who calls by a signed identity that only this installation is meant by', async () => {
      const before = Date.now() / 1000 - 1;
      await send('/x');
      await send('/x');
      const [first, second] = plugin.seen.map(({ headers }) => String(headers['x-switchyard-identity']));
      expect(second).toBe(first);
      const [head = '', payload = '', signature = ''] = first!.split('.');
      const { kid, alg } = JSON.parse(Buffer.from(head, 'base64url').toString());
      const { keys } = JSON.parse((await ask(`${world.url}/app/.well-known/jwks.json`)).body);
      const jwk = keys.find((key: { kid: string }) => key.kid === kid) as JsonWebKey;
      const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const };
      expect(alg).toBe('ES256');
      expect(
        verify('sha256', Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url')),
      ).toBe(true);
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
      expect(claims).toMatchObject({
        iss: 'switchyard-gateway/plugins',
        aud: `${tenantId}/Production/${pluginId}`,
        sub: 'user-1',
        role: 'TenantUser',
        tenant: tenantId,
      });
      expect(claims.exp - claims.iat).toBeLessThanOrEqual(60);
      expect(claims.iat).toBeGreaterThan(before - 60);
      expect(first).not.toContain(world.headers.authorization.slice(7, 60));
    });

    it('passes large bodies both ways, at the pace of whoever is slower', async () => {
      const size = 32 * 1024 * 1024;
      const echo = await world.simple({ pluginId: 'echo-plugin' }, 'echo', (req, res) => {
        res.writeHead(200);
        req.pipe(res);
      });
      const hash = createHash('sha256');
      const expected = createHash('sha256');
      let made = 0;
      const body = Readable.from(
        (function* () {
          for (; made < size; made += 65_536) {
            const chunk = Buffer.alloc(65_536, made % 251);
            expected.update(chunk);
            yield chunk;
          }
        })(),
      );
      const received = await new Promise<number>((resolve, reject) => {
        const sent = request(`${world.url}/app/echo-plugin/x`, { method: 'POST', headers: world.headers });
        sent.once('error', reject);
        sent.once('response', (answer) => {
          let bytes = 0;
          answer.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            hash.update(chunk);
          });
          answer.once('error', reject);
          answer.once('end', () => resolve(bytes));
        });
        body.pipe(sent);
      });
      expect(received).toBe(size);
      expect(hash.digest('hex')).toBe(expected.digest('hex'));
      expect(echo.instanceId).toBe('echo');
    });

    it('holds a sender back when the plugin does not read', async () => {
      await world.simple(
        { pluginId: 'slow-reader' },
        'slow-reader',
        (req) => void req.once('readable', () => undefined),
      );
      const connection = await RawConnection.open(world.url);
      connection.write(
        `POST /app/slow-reader/x HTTP/1.1\r\nHost: h\r\nAuthorization: ${world.headers.authorization}\r\nContent-Length: 1000000000\r\n\r\n`,
      );
      const chunk = Buffer.alloc(65_536);
      const { socket } = connection;
      let isHeld = false;
      while (!isHeld && socket.writableLength < 64 * 1024 * 1024) {
        if (socket.write(chunk)) continue;
        isHeld = await Promise.race([
          new Promise<boolean>((resolve) => socket.once('drain', () => resolve(false))),
          new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 500)),
        ]);
      }
      expect(isHeld).toBe(true);
      expect(socket.bytesWritten).toBeLessThan(32 * 1024 * 1024);
      socket.destroy();
    });

    it('passes trailers behind a body on, except such as would decide something', async () => {
      const connection = await RawConnection.open(world.url);
      connection.write(
        `POST ${app}/x HTTP/1.1\r\nHost: h\r\nAuthorization: ${world.headers.authorization}\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 6\r\nX-Switchyard-Identity: me\r\n\r\n`,
      );
      await connection.until('"trailers"');
      connection.socket.destroy();
      expect(plugin.seen[0]).toMatchObject({ body: 'abc', trailers: { 'x-sum': '6' } });
      expect(plugin.seen[0]?.trailers).not.toHaveProperty('x-switchyard-identity');
    });

    it('asks for a body that is announced by Expect only when there is someone to read it', async () => {
      const head = (path: string) =>
        `POST ${path} HTTP/1.1\r\nHost: h\r\nAuthorization: ${world.headers.authorization}\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n`;
      const wanted = await RawConnection.open(world.url);
      wanted.write(head(`${app}/x`));
      await wanted.until('100 Continue');
      wanted.write('abc');
      await wanted.until('"body":"abc"');
      expect(plugin.seen[0]?.headers).not.toHaveProperty('expect');
      wanted.socket.destroy();
      const unwanted = await RawConnection.open(world.url);
      unwanted.write(head('/app/no-such-plugin/x'));
      await unwanted.until('404');
      expect(unwanted.received).not.toContain('100 Continue');
      unwanted.socket.destroy();
    });
  });

  describe('of the answer', () => {
    const answering = async (name: string, ...answer: [Parameters<AppWorld['plugin']>[1]]) => {
      await world.simple({ pluginId: name }, name, ...answer);
      return (options: Parameters<typeof ask>[1] = {}, path = '/x') =>
        ask(`${world.url}/app/${name}${path}`, {
          ...options,
          headers: { ...world.headers, ...options.headers },
        });
    };

    it('keeps status, headers and body, and gives HEAD no body', async () => {
      const call = await answering('plain-answer', (_req, res) => {
        res.writeHead(418, 'Short And Stout', {
          'content-type': 'text/plain',
          'content-length': 3,
          'x-a': ['1', '2'],
          etag: '"e"',
        });
        res.end('tea');
      });
      const got = await call();
      expect(got).toMatchObject({
        status: 418,
        body: 'tea',
        headers: { 'x-a': '1, 2', etag: '"e"', 'content-length': '3' },
      });
      expect(await call({ method: 'HEAD' })).toMatchObject({
        status: 418,
        body: '',
        headers: { 'content-length': '3' },
      });
    });

    it.each([204, 304])('passes a %i without a body', async (status) => {
      const call = await answering(
        `bare-${status}`,
        (_req, res) => void res.writeHead(status, { etag: '"x"' }).end(),
      );
      expect(await call()).toMatchObject({ status, body: '', headers: { etag: '"x"' } });
    });

    it('holds cookies to the plugin, and lets none be called ours', async () => {
      const call = await answering('cookie-setter', (_req, res) => {
        res.setHeader('set-cookie', [
          'a=1',
          'b=2; Path=/; HttpOnly; Domain=example.com',
          'c=3; path=/deep/er; Secure',
          'd=4; Path=/app/cookie-setter/own',
          'e=5; Path=/../other-plugin',
          '__Host-f=6; Path=/; Secure',
          'switchyard_session=7',
          '=switchyard_session',
          'g=8; Path=/app/other-plugin',
        ]);
        res.end();
      });
      const { headers } = await call();
      expect(headers['set-cookie']).toEqual([
        'a=1; Path=/app/cookie-setter/',
        'b=2; Path=/app/cookie-setter/; HttpOnly',
        'c=3; Path=/app/cookie-setter/deep/er; Secure',
        'd=4; Path=/app/cookie-setter/own',
        'e=5; Path=/app/cookie-setter/',
        'g=8; Path=/app/cookie-setter/app/other-plugin',
      ]);
    });

    it('puts pages into a sandbox, with the policy that they have themselves', async () => {
      const call = await answering('page-plugin', (req, res) => {
        const types: Record<string, string> = {
          '/page': 'text/html',
          '/image': 'image/svg+xml',
          '/data': 'application/json',
        };
        const type = types[req.url ?? ''];
        res.writeHead(200, {
          ...(type ? { 'content-type': type } : {}),
          'content-security-policy': "default-src 'self'",
        });
        res.end('{}');
      });
      for (const path of ['/page', '/image', '/untold'])
        expect((await call({}, path)).headers['content-security-policy']).toMatch(
          /^default-src 'self', sandbox (?!.*allow-same-origin)/,
        );
      expect((await call({}, '/data')).headers['content-security-policy']).toBe("default-src 'self'");
    });

    it('takes away what speaks for the whole origin, for us or for this connection', async () => {
      const call = await answering('loud-plugin', (_req, res) => {
        res.writeHead(200, {
          'clear-site-data': '"*"',
          'service-worker-allowed': '/',
          'alt-svc': 'h2="evil:443"',
          'strict-transport-security': 'max-age=0',
          'x-switchyard-anything': '1',
          'x-hop': '1',
          'proxy-authenticate': 'Basic',
          connection: 'close, x-hop',
          'x-kept': 'yes',
        });
        res.end();
      });
      const { headers } = await call();
      expect(headers).toMatchObject({ 'x-kept': 'yes' });
      const gone = [
        'clear-site-data',
        'service-worker-allowed',
        'alt-svc',
        'strict-transport-security',
        'x-switchyard-anything',
        'x-hop',
        'proxy-authenticate',
      ];
      for (const name of gone) expect(headers).not.toHaveProperty(name);
    });

    it('passes trailers on', async () => {
      const call = await answering('trailer-plugin', (_req, res) => {
        res.writeHead(200, { trailer: 'X-Sum' });
        res.write('abc');
        res.addTrailers({ 'X-Sum': '6' });
        res.end();
      });
      expect(await call()).toMatchObject({ body: 'abc', trailers: { 'x-sum': '6' } });
    });

    it('passes early hints on', async () => {
      await answering('hint-plugin', (_req, res) => {
        res.writeEarlyHints({ link: '</style.css>; rel=preload' });
        res.end('later');
      });
      const connection = await RawConnection.open(world.url);
      connection.write(
        `GET /app/hint-plugin/x HTTP/1.1\r\nHost: h\r\nAuthorization: ${world.headers.authorization}\r\n\r\n`,
      );
      await connection.until('later');
      expect(connection.received).toMatch(
        /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/style\.css>; rel=preload/i,
      );
      connection.socket.destroy();
    });

    it('brings events as they happen, and the head before the first of them', async () => {
      let push: (text: string) => void = () => undefined;
      await answering('event-plugin', (_req, res) => {
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.flushHeaders();
        push = (text) => void res.write(text);
      });
      const answer = await fetch(`${world.url}/app/event-plugin/x`, { headers: world.headers });
      expect(answer.status).toBe(200);
      const reader = answer.body!.getReader();
      for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
        push(text);
        expect(Buffer.from((await reader.read()).value).toString()).toBe(text);
      }
      await reader.cancel();
    });

    it('answers its health for a plugin that has nothing at its root', async () => {
      const call = await answering('rootless-plugin', (_req, res) => void res.writeHead(404).end('none'));
      const root = await call({}, '/');
      expect(root.status).toBe(200);
      expect(JSON.parse(root.body)).toMatchObject({
        plugin: 'rootless-plugin',
        status: 'healthy',
        instances: { total: 1, ready: 1 },
      });
      expect(await call({}, '/deeper')).toMatchObject({ status: 404, body: 'none' });
      expect(await call({ method: 'POST' }, '/')).toMatchObject({ status: 404, body: 'none' });
    });

    it('survives a plugin that answers before it has read, and keeps the connection in step', async () => {
      await answering('hasty-plugin', (_req, res) => void res.writeHead(413).end('too much'));
      const connection = await RawConnection.open(world.url);
      const head = `POST /app/hasty-plugin/x HTTP/1.1\r\nHost: h\r\nAuthorization: ${world.headers.authorization}\r\nContent-Length: 200000\r\n\r\n`;
      connection.write(head);
      await connection.until('too much');
      connection.write(Buffer.alloc(200_000, 'GET /app/x HTTP/1.1\r\n\r\n'));
      connection.write(head);
      await connection.until(/too much[^]*too much/);
      expect(connection.received.match(/HTTP\/1\.1/g)).toHaveLength(2);
      connection.socket.destroy();
    });
  });

  describe('when one side goes away', () => {
    it('the plugin hears that its caller has gone', async () => {
      let heard = false;
      let asked = false;
      await world.simple({ pluginId: 'patient-plugin' }, 'patient', (req, res) => {
        asked = true;
        res.once('close', () => (heard = true));
        req.resume();
      });
      const connection = await RawConnection.open(world.url);
      connection.write(
        `GET /app/patient-plugin/x HTTP/1.1\r\nHost: h\r\nAuthorization: ${world.headers.authorization}\r\n\r\n`,
      );
      await eventually(() => expect(asked).toBe(true));
      connection.socket.destroy();
      await eventually(() => expect(heard).toBe(true));
    });

    it('the plugin hears that a body breaks off, and takes none of it for the whole', async () => {
      const ends: string[] = [];
      await world.simple({ pluginId: 'upload-plugin' }, 'upload', (req) => {
        req.on('data', () => undefined);
        req.once('end', () => ends.push('end'));
        req.once('error', () => ends.push('error'));
      });
      for (const framing of ['Content-Length: 100000', 'Transfer-Encoding: chunked']) {
        const connection = await RawConnection.open(world.url);
        connection.write(
          `POST /app/upload-plugin/x HTTP/1.1\r\nHost: h\r\nAuthorization: ${world.headers.authorization}\r\n${framing}\r\n\r\n${framing.startsWith('T') ? '3\r\nabc\r\n' : 'abc'}`,
        );
        await new Promise((resolve) => setImmediate(resolve));
        await eventually(async () => expect((await world.reports()).length).toBe(1));
        connection.socket.destroy();
      }
      await eventually(() => expect(ends.length).toBe(2));
      expect(ends).toEqual(['error', 'error']);
    });

    it.each(['chunked', 'with a length'])(
      'a caller never takes the part of an answer for the whole, %s',
      async (kind) => {
        const name = `breaking-${kind.replaceAll(' ', '-')}`;
        await world.simple({ pluginId: name }, name, (_req, res) => {
          res.writeHead(200, kind === 'chunked' ? {} : { 'content-length': 10 });
          res.write('abc', () => res.destroy());
        });
        await expect(ask(`${world.url}/app/${name}/x`, { headers: world.headers })).rejects.toThrow();
      },
    );
  });
});
