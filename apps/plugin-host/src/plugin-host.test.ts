import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from '@switchyard/testing';
import { TestHost } from './contract/test-host.js';

const json = { 'content-type': 'application/json' };

describe('A plugin host', () => {
  const hosts: TestHost[] = [];
  const start = async (...given: Parameters<typeof TestHost.start>): Promise<TestHost> => {
    const host = await TestHost.start(...given);
    hosts.push(host);
    return host;
  };
  const run = async (code: string, settings: object = {}): Promise<TestHost> =>
    (await start({ 'index.js': code }, { settings })).ready();
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.close()));
  });

  describe('with a plugin of routes', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await TestHost.start(
        {
          'index.js': `module.exports = {
            name: 'my-plugin', version: '2.1.0', defaultConfig: { greeting: 'hello', to: 'nobody' },
            async load(app, config, context) {
              let current = config;
              context.addMiddleware((req, res, next) => { req.seen = true; next(); });
              context.addRoute('GET', '/hello', (req, res) => res.json({ text: current.greeting + ' ' + current.to, seen: req.seen, query: req.query }));
              context.addRoute('GET', '/users/:id/*', (req, res) => res.json(req.params));
              context.addRoute('POST', '/echo', (req, res) => res.status(201).json({ received: req.body }));
              context.addRoute('POST', '/length', async (req, res) => { let bytes = 0; for await (const chunk of req) bytes += chunk.length; res.send(String(bytes)); });
              context.addRoute('GET', '/guarded', (req, res, next) => req.get('x-key') ? next() : res.status(401).json({}), (req, res) => res.send('in'));
              context.addRoute('GET', '/who', (req, res) => res.json(req.identity ?? null));
              context.addRoute('GET', '/throws', () => { throw new Error('one'); });
              context.addRoute('GET', '/rejects', async () => { throw new Error('two'); });
              context.addRoute('GET', '/next', (req, res, next) => setImmediate(() => next(new Error('three'))));
              app.get('/by-app', (req, res) => res.send('app'));
              context.onSettings((settings) => { if (settings.greeting === 'no') throw new Error('never'); current = settings; });
              context.onMessage((message) => ({ echo: message }));
              context.onEvent((event) => context.log('info', 'an event', event));
              context.addCheck('good', () => true);
              context.addCheck('bad', () => ({ healthy: false, queue: 7 }));
              context.addCheck('ugly', async () => { throw new Error('lost'); });
              context.metric('jobs', 3);
              context.log('success', 'loaded', { routes: 8 });
            },
          };`,
        },
        { settings: { to: 'world' } },
      );
      await host.ready();
    });
    afterAll(() => host.close());

    it('serves them, with parameters, query, middleware and settings', async () => {
      expect(JSON.parse((await host.ask('/hello?a=1&b=2&b=3')).body)).toEqual({
        text: 'hello world',
        seen: true,
        query: { a: '1', b: ['2', '3'] },
      });
      expect(JSON.parse((await host.ask('/users/a%20b/x/y/')).body)).toEqual({ id: 'a b', '*': 'x/y' });
      expect((await host.ask('/by-app')).body).toBe('app');
      expect((await host.ask('/guarded')).status).toBe(401);
      expect((await host.ask('/guarded', { headers: { 'x-key': 'k' } })).body).toBe('in');
    });

    it('tells who asks, as the gateway says it', async () => {
      const who = async (claims?: object): Promise<unknown> => {
        const token = `e30.${Buffer.from(JSON.stringify(claims ?? {})).toString('base64url')}.x`;
        const headers = claims ? { 'x-switchyard-identity': token } : {};
        return JSON.parse((await host.ask('/who', { headers })).body);
      };
      const ada = { sub: 'usr-1', kind: 'user', username: 'ada', role: 'Viewer', tenant: 'acme' };
      const { sub: subject, ...others } = ada;
      expect(await who({ ...ada, exp: 1 })).toEqual({ subject, ...others });
      expect(await who({ sub: 'anonymous', kind: 'anonymous' })).toBeNull();
      expect(await who()).toBeNull();
    });

    it('answers HEAD where there is a GET, and 404 where there is nothing', async () => {
      expect(await host.ask('/hello', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
      expect((await host.ask('/nothing')).status).toBe(404);
      expect((await host.ask('/hello', { method: 'DELETE' })).status).toBe(404);
      expect((await host.ask('/users/%E0%A4%A/x')).status).toBe(404);
    });

    it('answers its health at / when the plugin has no route there', async () => {
      expect(JSON.parse((await host.ask('/')).body)).toEqual({
        status: 'healthy',
        plugin: 'my-plugin',
        version: '2.1.0',
      });
    });

    it('reads bodies of JSON and forms, and leaves others to be streamed', async () => {
      const post = (path: string, type: string, body: string) =>
        host.ask(path, { method: 'POST', headers: { 'content-type': type }, body });
      expect(await post('/echo', 'application/json', '{"a":[1]}')).toMatchObject({
        status: 201,
        body: '{"received":{"a":[1]}}',
      });
      expect((await post('/echo', 'application/x-www-form-urlencoded', 'a=1&b=2')).body).toBe(
        '{"received":{"a":"1","b":"2"}}',
      );
      expect((await post('/echo', 'application/json', '{"a":')).status).toBe(400);
      expect((await post('/echo', 'application/json', JSON.stringify('x'.repeat(1024 * 1024)))).status).toBe(
        413,
      );
      expect((await post('/length', 'application/octet-stream', 'x'.repeat(3_000_000))).body).toBe('3000000');
    });

    it('answers 500 for a handler that fails, whichever way, and logs why', async () => {
      for (const path of ['/throws', '/rejects', '/next'])
        expect(await host.ask(path)).toMatchObject({
          status: 500,
          body: '{"error":{"message":"The plugin failed"}}',
        });
      await eventually(() => {
        for (const why of ['one', 'two', 'three']) expect(host.output).toContain(`"error":"${why}"`);
      });
    });

    it('writes its log as a JSON object a line', () => {
      const line = host.output.split('\n').find((each) => each.includes('"loaded"'));
      expect(JSON.parse(line!)).toEqual({
        time: expect.any(String),
        level: 'success',
        message: 'loaded',
        details: { routes: 8 },
      });
    });

    it('tells the platform its health, its checks and its metrics', async () => {
      expect(JSON.parse((await host.protocol('/health')).body)).toMatchObject({
        status: 'healthy',
        instanceId: 'ins-1',
        plugin: 'my-plugin',
        checks: ['good', 'bad', 'ugly'],
      });
      const check = async (name: string) => JSON.parse((await host.protocol(`/checks/${name}`)).body);
      expect(await check('good')).toEqual({ healthy: true });
      expect(await check('bad')).toEqual({ healthy: false, details: { healthy: false, queue: 7 } });
      expect(await check('ugly')).toEqual({ healthy: false, details: { error: 'lost' } });
      expect((await host.protocol('/checks/none')).status).toBe(404);
      expect(JSON.parse((await host.protocol('/metrics')).body)).toMatchObject({
        metrics: { jobs: 3 },
        requests: { total: expect.any(Number), running: 0 },
        process: { rssBytes: expect.any(Number) },
      });
    });

    it('passes messages and events on', async () => {
      const post = (path: string) => host.protocol(path, { method: 'POST', headers: json, body: '{"a":1}' });
      expect(JSON.parse((await post('/message')).body)).toEqual({ reply: { echo: { a: 1 } } });
      expect((await post('/event')).status).toBe(200);
      await eventually(() => expect(host.output).toContain('"message":"an event","details":{"a":1}'));
      expect((await host.protocol('/message', { method: 'POST', headers: json, body: '{' })).status).toBe(
        400,
      );
    });

    it('changes settings while it runs, unless the plugin refuses them', async () => {
      const put = (body: string) => host.protocol('/settings', { method: 'PUT', headers: json, body });
      expect((await put('{"greeting":"bye","to":"all"}')).status).toBe(200);
      expect(JSON.parse((await host.ask('/hello')).body).text).toBe('bye all');
      expect(await put('{"greeting":"no"}')).toMatchObject({
        status: 422,
        body: expect.stringContaining('never'),
      });
      expect((await put('[]')).status).toBe(400);
      expect(JSON.parse((await host.ask('/hello')).body).text).toBe('bye all');
    });

    it('has nothing of the protocol where the gateway reaches', async () => {
      for (const path of ['/health', '/metrics', '/settings', '/checks/good'])
        expect((await host.ask(path)).status).toBe(404);
    });
  });

  it('says it is starting while the plugin loads, and does not answer for it yet', async () => {
    const host = await start({
      'index.js': `module.exports = { name: 'a', load: () => new Promise(() => {}) };`,
    });
    await eventually(async () => expect(await host.protocol('/health')).toMatchObject({ status: 503 }));
    await expect(host.ask('/')).rejects.toThrow('ENOENT');
    host.child.kill('SIGTERM');
    expect(await host.ended()).toEqual([0, null]);
  });

  it('says of settings, messages and events that the plugin takes none', async () => {
    const host = await run(`module.exports = (req, res) => res.end();`);
    expect((await host.protocol('/settings', { method: 'PUT', body: '{}' })).status).toBe(409);
    for (const path of ['/message', '/event'])
      expect((await host.protocol(path, { method: 'POST', body: '{}' })).status).toBe(404);
  });

  it('streams both ways at once', async () => {
    const host = await run(`module.exports = (req, res) => { res.writeHead(200); req.pipe(res); };`);
    const asking = request({ socketPath: join(host.folder, 'data'), method: 'POST', path: '/' });
    asking.write('one');
    const [res] = (await once(asking, 'response')) as [IncomingMessage];
    expect(String((await once(res, 'data'))[0])).toBe('one');
    asking.end('two');
    expect(String((await once(res, 'data'))[0])).toBe('two');
  });

  it.each([
    [
      'of a plugin',
      `module.exports = { name: 'a', load(app, config, context) { context.onUpgrade((req, socket, head) => { socket.write('HTTP/1.1 101 Switching Protocols\\r\\nupgrade: x\\r\\nconnection: upgrade\\r\\n\\r\\n'); socket.pipe(socket); }, '/ws'); } };`,
    ],
    [
      'of a server',
      `module.exports = require('node:http').createServer().on('upgrade', (req, socket) => { socket.write('HTTP/1.1 101 Switching Protocols\\r\\nupgrade: x\\r\\nconnection: upgrade\\r\\n\\r\\n'); socket.pipe(socket); });`,
    ],
  ])('hands upgrades to the handler %s, and cuts them off when its time is over', async (_whose, code) => {
    const host = await (await start({ 'index.js': code }, { drainMs: 200 })).ready();
    const socket = connect(join(host.folder, 'data'));
    socket.write('GET /ws HTTP/1.1\r\nhost: a\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 101 /);
    socket.write('ping');
    expect(String((await once(socket, 'data'))[0])).toBe('ping');
    host.child.kill('SIGTERM');
    await once(socket, 'close');
    expect(await host.ended()).toEqual([0, null]);
  });

  it('lets what runs end after SIGTERM, takes nothing new, unloads, and leaves no socket', async () => {
    const host = await run(
      `let finish; module.exports = { name: 'a', load(app) { app.get('/slow', (req, res) => { finish = () => res.send('whole'); console.log('slow begins'); });
         process.on('SIGTERM', () => setTimeout(() => finish(), 150)); }, unload() { console.log('unloaded'); } };`,
    );
    const slow = host.ask('/slow');
    await eventually(() => expect(host.output).toContain('slow begins'));
    host.child.kill('SIGTERM');
    await eventually(() => expect(existsSync(join(host.folder, 'data'))).toBe(false));
    expect((await slow).body).toBe('whole');
    expect(await host.ended()).toEqual([0, null]);
    expect(host.output).toContain('unloaded');
    expect(existsSync(join(host.folder, 'protocol'))).toBe(false);
  });
});
