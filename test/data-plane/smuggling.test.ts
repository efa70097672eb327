import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { AppWorld, pluginId } from './support/app-world.js';
import { RawConnection } from './support/http.js';
import type { PluginServer } from './support/plugin-server.js';

const app = `/app/${pluginId}`;
/** What would be answered on its own, were it taken for a request. */
const smuggled = `GET ${app}/smuggled HTTP/1.1\r\nHost: h\r\n\r\n`;

describe('requests that two readers could take for different ones', () => {
  let world: AppWorld;
  let plugin: PluginServer;
  let head: string;
  beforeAll(async () => {
    world = await AppWorld.start();
    plugin = await world.simple();
    head = `Host: h\r\nAuthorization: ${world.headers.authorization}\r\n`;
  });
  afterAll(() => world.stop());
  afterEach(() => plugin.seen.splice(0));

  const send = async (bytes: string): Promise<RawConnection> => {
    const connection = await RawConnection.open(world.url);
    connection.write(bytes);
    return connection;
  };

  const framings: [string, string][] = [
    ['a length and chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['chunks and a length', 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n'],
    ['a length of nothing and chunks', 'Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'Content-Length: 0\r\nContent-Length: 44\r\n\r\n'],
    ['the same length twice', 'Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}'],
    ['two lengths in one', 'Content-Length: 2, 2\r\n\r\n{}'],
    ['a length with a sign', 'Content-Length: +2\r\n\r\n{}'],
    ['a negative length', 'Content-Length: -1\r\n\r\n'],
    ['a length in hexadecimal', 'Content-Length: 0x2\r\n\r\n{}'],
    ['a length in octal with an underscore', 'Content-Length: 0_2\r\n\r\n{}'],
    ['a length with a fraction', 'Content-Length: 2.0\r\n\r\n{}'],
    ['a length that is a word', 'Content-Length: two\r\n\r\n{}'],
    ['a length too large to count', 'Content-Length: 99999999999999999999999\r\n\r\n{}'],
    ['an empty length', 'Content-Length: \r\n\r\n'],
    ['a length with a space inside', 'Content-Length: 1 2\r\n\r\n{}'],
    ['an unknown coding', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['chunks that are not last', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
    ['chunks twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n'],
    ['a coding that names nothing', 'Transfer-Encoding: \r\n\r\n'],
    ['chunks spelt with a control character', 'Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n'],
    ['chunks in quotes', 'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n'],
    ['a space before the colon', 'Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n'],
    ['a tab before the colon', 'Content-Length\t: 0\r\n\r\n'],
    ['a folded header', 'X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a header folded by a tab', 'X-A: b\r\n\tContent-Length: 4\r\n\r\n'],
    ['a header that begins with a space', ' Content-Length: 4\r\n\r\n'],
    ['a header without a name', ': x\r\n\r\n'],
    ['a header without a colon', 'Content-Length 4\r\n\r\n'],
    ['NUL in a value', 'X-A: a\x00b\r\n\r\n'],
    ['NUL in a name', 'X\x00A: b\r\n\r\n'],
    ['a bare LF in a value', 'X-A: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a bare CR in a value', 'X-A: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a bare LF behind the headers', 'X-A: a\r\n\n'],
    ['headers that end in bare LF', 'X-A: a\n\n'],
    ['a chunk size that is none', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n'],
    ['a chunk size with a sign', 'Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk size in 0x', 'Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk size too large to count', 'Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n'],
    ['a chunk longer than its size', 'Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n'],
    ['a chunk size that ends in bare LF', 'Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n'],
    ['a chunk that ends in bare LF', 'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\n0\r\n\r\n'],
    ['a chunk extension with a bare LF', 'Transfer-Encoding: chunked\r\n\r\n2;a=b\n{}\r\n0\r\n\r\n'],
    ['a chunk extension with a bare CR', 'Transfer-Encoding: chunked\r\n\r\n2;a=\rb\r\n{}\r\n0\r\n\r\n'],
    [
      'a chunk extension without end',
      `Transfer-Encoding: chunked\r\n\r\n2;${'a'.repeat(40_000)}\r\n{}\r\n0\r\n\r\n`,
    ],
    ['a space before a chunk size', 'Transfer-Encoding: chunked\r\n\r\n 2\r\n{}\r\n0\r\n\r\n'],
    ['a folded trailer', 'Transfer-Encoding: chunked\r\n\r\n0\r\nX-A: b\r\n c\r\n\r\n'],
  ];

  it.each(framings)('refuses %s, closes, and takes nothing behind it for a request', async (_name, rest) => {
    const connection = await send(`POST ${app}/x HTTP/1.1\r\n${head}${rest}${smuggled}`);
    await connection.untilClosed();
    expect(connection.received.match(/HTTP\/1\.1 \d+/g) ?? []).toEqual([
      expect.stringMatching(/ (400|413|431|503)$/),
    ]);
    expect(plugin.seen).toEqual([]);
  });

  const lines: [string, string][] = [
    ['a line that ends in bare LF', `GET ${app}/x HTTP/1.1\n`],
    ['a tab between', `GET\t${app}/x HTTP/1.1\r\n`],
    ['no version', `GET ${app}/x\r\n`],
    ['version 0.9', `GET ${app}/x HTTP/0.9\r\n`],
    ['version 2.0', `GET ${app}/x HTTP/2.0\r\n`],
    ['version 1.10', `GET ${app}/x HTTP/1.10\r\n`],
    ['a method of lower case', `get ${app}/x HTTP/1.1\r\n`],
    ['NUL in the address', `GET ${app}/\x00 HTTP/1.1\r\n`],
    ['a bare CR in the address', `GET ${app}/\r HTTP/1.1\r\n`],
    ['a byte that is no ASCII in the address', `GET ${app}/\xe4 HTTP/1.1\r\n`],
    ['a fragment', `GET ${app}/x#y HTTP/1.1\r\n`],
    ['a backslash', `GET ${app}/x\\..\\y HTTP/1.1\r\n`],
    ['a broken percent-encoding', `GET ${app}/%zz HTTP/1.1\r\n`],
    ['an address in authority form', 'GET example.com:80 HTTP/1.1\r\n'],
    ['CONNECT', `CONNECT ${app}/x HTTP/1.1\r\n`],
    ['TRACE', `TRACE ${app}/x HTTP/1.1\r\n`],
    ['two Hosts', `GET ${app}/x HTTP/1.1\r\nHost: other\r\n`],
    ['chunks in HTTP/1.0', `POST ${app}/x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n`],
  ];

  it.each(lines)('lets no request with %s through to a plugin', async (_name, line) => {
    const connection = await send(`${line}${head}Connection: close\r\n\r\n`);
    await connection.untilClosed();
    expect(connection.received).not.toMatch(/^HTTP\/1\.1 2/);
    expect(plugin.seen).toEqual([]);
  });

  it('reads an address in absolute form as its path', async () => {
    const connection = await send(
      `GET http://elsewhere${app}/x HTTP/1.1\r\n${head}Connection: close\r\n\r\n`,
    );
    await connection.untilClosed();
    expect(plugin.seen[0]).toMatchObject({ url: '/x', headers: { host: 'h' } });
  });

  it('sends on what it read, not how it was written', async () => {
    const connection = await send(
      `POST ${app}/x HTTP/1.1\r\n${head}Connection: close, content-length, host\r\nTransfer-Encoding: Chunked\r\n\r\n2;a="b"\r\n{}\r\n00\r\n\r\n`,
    );
    await connection.until('"body"');
    expect(plugin.seen[0]).toMatchObject({
      body: '{}',
      headers: { host: 'h', 'transfer-encoding': 'chunked' },
    });
    connection.socket.destroy();
  });

  it('answers two requests of one connection in their order, whatever takes longer', async () => {
    const get = (path: string) => `GET ${app}${path} HTTP/1.1\r\n${head}\r\n`;
    const connection = await send(get('/one') + get('/two') + get('/three'));
    await connection.until(/\/one[^]*\/two[^]*\/three/);
    connection.socket.destroy();
  });

  describe('and answers that do', () => {
    let server: Server;
    let answer: string;
    beforeAll(async () => {
      server = createServer((socket) =>
        socket.on('error', () => undefined).once('data', () => socket.write(answer, 'latin1')),
      );
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      await world.routes({
        pluginId: 'odd-answers',
        slots: { stable: { setId: 'odd', deploymentId: 'dep-odd', weight: 100 } },
        retry: { attempts: 0 },
      });
      await world.endpoints('odd', [{ instanceId: 'odd-1', address: { host: '127.0.0.1', port } }]);
    });
    afterAll(() => server.close());

    it.each([
      [
        'a length and chunks',
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      ],
      ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
      ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc'],
      ['a header without a colon', 'HTTP/1.1 200 OK\r\nnothing\r\n\r\n'],
      ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\nabc'],
      ['a folded header', 'HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n'],
      ['NUL in a header', 'HTTP/1.1 200 OK\r\nX-A: b\x00\r\nContent-Length: 0\r\n\r\n'],
      ['a bare CR in a header', 'HTTP/1.1 200 OK\r\nX-A: b\rSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n'],
      ['a status that is none', 'HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n'],
      ['another protocol', 'SMTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
      [
        'an upgrade that nobody asked for',
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
      ],
      ['headers without end', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(100_000)}\r\n\r\n`],
    ])('gives the caller 503 for %s', async (_name, bytes) => {
      answer = bytes;
      const got = await fetch(`${world.url}/app/odd-answers/x`, { headers: world.headers });
      expect(got.status).toBe(503);
      expect(await got.json()).toMatchObject({ error: { code: 'SERVICE_UNAVAILABLE' } });
    });

    it('gives nobody what comes behind an answer', async () => {
      answer =
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';
      for (let i = 0; i < 5; i += 1) {
        const got = await fetch(`${world.url}/app/odd-answers/x`, { headers: world.headers });
        expect(await got.text()).not.toContain('evil');
      }
    });
  });
});
