import { createHash } from 'node:crypto';
import { eventually } from '@switchyard/testing';
import { AppWorld, pluginId } from './support/app-world.js';
import { RawConnection } from './support/http.js';
import type { PluginServer } from './support/plugin-server.js';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

describe('a WebSocket to a plugin', () => {
  let world: AppWorld;
  let plugin: PluginServer;
  let handshake: string;
  let pluginSide: { destroyed: boolean; destroy(): unknown; write(text: string): unknown } | undefined;
  beforeAll(async () => {
    world = await AppWorld.start();
    plugin = await world.simple();
    plugin.onUpgrade((request, socket, head) => {
      const { headers, rawHeaders, url = '', method = '' } = request;
      plugin.seen.push({ headers, rawHeaders, url, method, body: head.toString('latin1'), trailers: {} });
      socket.on('error', () => undefined);
      if (url === '/refused') {
        socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nSet-Cookie: a=1\r\n\r\nno');
        return;
      }
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\nSet-Cookie: a=1; Path=/\r\n\r\nhello`,
      );
      pluginSide = socket;
      socket.pipe(socket);
    });
  });
  beforeEach(() => {
    plugin.seen.splice(0);
    pluginSide = undefined;
    handshake = `Host: h\r\nAuthorization: ${world.headers.authorization}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n`;
  });
  afterAll(() => world.stop());

  const open = async (path = '/ws', rest = '', behind = '', of = pluginId) => {
    const connection = await RawConnection.open(world.url);
    connection.write(`GET /app/${of}${path} HTTP/1.1\r\n${handshake}${rest}\r\n${behind}`);
    return connection;
  };

  it('is passed on with its handshake, and then bytes go both ways as they come', async () => {
    const connection = await open('/ws?x=1', '', 'early');
    await connection.until(/\r\n\r\nhelloearly/);
    expect(connection.received).toMatch(
      new RegExp(`^HTTP/1.1 101 [^]*Sec-WebSocket-Accept: ${accept.replaceAll('+', '\\+')}`),
    );
    expect(connection.received).toContain(`Set-Cookie: a=1; Path=/app/${pluginId}/`);
    connection.write('\x00\xff\r\n');
    await connection.until('\x00\xff\r\n');
    expect(plugin.seen[0]).toMatchObject({
      url: '/ws?x=1',
      headers: { upgrade: 'websocket', 'sec-websocket-key': key },
    });
    expect(plugin.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(plugin.seen[0]?.headers).toHaveProperty('x-switchyard-identity');
    connection.socket.destroy();
    await eventually(() => expect(pluginSide?.destroyed).toBe(true));
  });

  it('ends for the caller when the plugin ends it', async () => {
    const connection = await open();
    await connection.until('hello');
    pluginSide?.destroy();
    await connection.untilClosed();
  });

  it('that the plugin declines is answered as the plugin said', async () => {
    const connection = await open('/refused');
    await connection.untilClosed();
    expect(connection.received).toMatch(/^HTTP\/1\.1 403 Forbidden[^]*\r\n\r\nno$/);
    expect(connection.received).toContain(`Path=/app/${pluginId}/`);
  });

  it('gets the envelope when nobody may open it, or there is no plugin', async () => {
    handshake = handshake.replace(/Authorization: .*\r\n/, '');
    const nobody = await open();
    await nobody.untilClosed();
    expect(nobody.received).toMatch(/^HTTP\/1\.1 401 [^]*"UNAUTHORIZED"/);
    expect(plugin.seen).toEqual([]);
  });

  it('is counted as one answer without a time, and while it is open as under way', async () => {
    const counted = 'counted-plugin';
    const slots = { stable: { setId: 'set-counted', deploymentId: 'dep-counted', weight: 100 } };
    await world.routes({ pluginId: counted, slots }, { 'set-counted': [plugin] });
    const connection = await open('/ws', '', '', counted);
    await connection.until('hello');
    const sample = await world.samplesOf(counted, 'stable', 1);
    expect(sample.statuses[0]).toBe(1);
    expect(sample.latency.counts.reduce((a, b) => a + b)).toBe(0);
    connection.socket.destroy();
  });

  it('ends when its caller may no longer call', async () => {
    handshake = handshake.replace(/Bearer .*\r\n/, `Bearer ${world.tokenOf('Viewer', 'leaving')}\r\n`);
    const connection = await open();
    await connection.until('hello');
    await world.revokeSession('session-of-leaving');
    await connection.untilClosed();
  });

  it('is the only upgrade: any other is answered in HTTP as if nobody had asked', async () => {
    handshake = handshake.replace('Upgrade: websocket', 'Upgrade: h2c');
    const connection = await open('/plain');
    await connection.untilClosed();
    expect(connection.received).toMatch(/^HTTP\/1\.1 200 /);
    expect(plugin.seen[0]?.headers).not.toHaveProperty('upgrade');
    const outside = await RawConnection.open(world.url);
    outside.write(`GET /health HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`);
    await outside.until('live');
    outside.socket.destroy();
  });

  it('does not hold a stop of the gateway up', async () => {
    const other = await world.startGateway({ stateFolder: null });
    await eventually(async () => {
      const { status } = await fetch(`${other.url}/app/${pluginId}/x`, { headers: world.headers });
      expect(status).toBe(200);
    });
    const connection = await RawConnection.open(other.url);
    connection.write(`GET /app/${pluginId}/ws HTTP/1.1\r\n${handshake}\r\n`);
    await connection.until('hello');
    await Promise.all([other.stop(), connection.untilClosed()]);
    expect((await world.reports()).length).toBe(1);
  });
});
