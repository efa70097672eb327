import { eventually } from '@switchyard/testing';
import { TestHost } from './contract/test-host.js';

describe('A plugin host', () => {
  let host: TestHost | undefined;
  const start = async (files: Readonly<Record<string, string>>): Promise<TestHost> =>
    (host = await TestHost.start(files));
  afterEach(() => host?.close());

  it.each([
    [
      'an ES module',
      {
        'package.json': '{"type":"module","main":"a.js"}',
        'a.js': `export default (req, res) => res.end('hi');`,
      },
    ],
    [
      'an ES module of named exports',
      {
        'package.json': '{"exports":{".":{"import":"./a.mjs"}}}',
        'a.mjs': `export const name = 'n'; export function load(app, config, context) { context.addRoute('GET', '/', (req, res) => res.send('hi')); }`,
      },
    ],
    ['a folder without a package.json', { 'index.js': `module.exports = (req, res) => res.end('hi');` }],
    [
      'compiled TypeScript',
      {
        'index.js': `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = (req, res) => res.end('hi');`,
      },
    ],
    [
      'a server',
      { 'index.js': `module.exports = require('node:http').createServer((req, res) => res.end('hi'));` },
    ],
    [
      'something like Fastify',
      {
        'index.js': `const server = new (require('node:events'))(); module.exports = { server, ready: async () => {}, close: async () => {}, routing: (req, res) => res.end('hi') };`,
      },
    ],
  ])('runs %s', async (_what, files) => {
    const host = await (await start(files)).ready();
    expect(await host.ask('/')).toMatchObject({ status: 200, body: 'hi' });
  });

  it.each([
    [
      'exports nothing of the kind',
      { 'index.js': 'module.exports = { a: 1 };' },
      /exports an object with a; a plugin \{ name, load/,
    ],
    [
      'has no such entry point',
      { 'package.json': '{"main":"gone.js"}' },
      /The entry point gone\.js is not in the artefact/,
    ],
    [
      'fails to load',
      { 'index.js': `module.exports = { name: 'a', load() { throw new Error('no database'); } };` },
      /no database/,
    ],
    [
      'adds a route to no handler',
      {
        'index.js': `module.exports = { name: 'a', load(app, config, context) { context.addRoute('GET', '/'); } };`,
      },
      /route GET \/: a handler is missing/,
    ],
    ['has no JavaScript in it', { 'index.js': 'this is no code' }, /SyntaxError/],
  ])('ends with code 1 and says why when the plugin %s', async (_what, files, why) => {
    const host = await start(files);
    expect(await host.ended()).toEqual([1, null]);
    await eventually(() => expect(host.output).toMatch(why));
  });
});
