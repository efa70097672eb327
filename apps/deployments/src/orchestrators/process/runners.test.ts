import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { eventually } from '@switchyard/testing';
import { ask } from '../contract/ask.js';
import { TestOrchestrator } from '../contract/test-orchestrator.js';
import type { Resources, SetSpec } from '../orchestrator.js';
import { parseRunners } from './runners/parse-runners.js';

const resources: Resources = { minCpu: 0.1, maxCpu: 1, minMemoryMB: 64, maxMemoryMB: 256 };
const runners = parseRunners(`DotNet8=${process.execPath} {entry}; Gone=no-such-command {entry}`);

describe('A command of RUNNERS', () => {
  let test: TestOrchestrator;
  beforeAll(async () => (test = await TestOrchestrator.open({ runners, startTimeoutMs: 4000 })));
  afterEach(async () => {
    for (const { setId } of await test.orchestrator.observe()) await test.removed(setId);
  });
  afterAll(() => test.close());

  const run = (code: string, changes: Partial<SetSpec> = {}): Promise<string> =>
    test.run(
      { 'bin/app.cjs': code },
      {
        runtime: { type: 'DotNet8', version: '8.0' },
        entry: 'bin/app.cjs',
        settings: { key: 'value' },
        ...changes,
      },
    );

  it('starts what listens on SWITCHYARD_SOCKET', async () => {
    const setId = await run(
      `require('node:http').createServer((req, res) => res.end('by socket')).listen(process.env.SWITCHYARD_SOCKET);`,
    );
    const { addresses } = await test.only(setId, { ready: true });
    expect(addresses).toEqual({ data: { socketPath: expect.stringMatching(/\/data\/s$/) } });
    expect((await ask(addresses!.data, '/')).body).toBe('by socket');
  });

  it('starts what listens on PORT, which the address then is', async () => {
    const setId = await run(
      `require('node:http').createServer((req, res) => res.end('by port')).listen(process.env.PORT, '127.0.0.1');`,
    );
    const { addresses } = await test.only(setId, { ready: true });
    expect(addresses).toEqual({ data: { host: '127.0.0.1', port: expect.any(Number) } });
    expect((await ask(addresses!.data, '/')).body).toBe('by port');
  });

  it('gets its settings on a descriptor, by itself and by its path', async () => {
    const setId = await run(
      `const fs = require('node:fs');
       const twice = [fs.readFileSync('/proc/self/fd/' + process.env.SWITCHYARD_CONFIG_FD, 'utf8'), fs.readFileSync(3, 'utf8')];
       require('node:http').createServer((req, res) => res.end(JSON.stringify(twice.map((text) => JSON.parse(text).settings)))).listen(process.env.SWITCHYARD_SOCKET);`,
    );
    const { addresses } = await test.only(setId, { ready: true });
    expect(JSON.parse((await ask(addresses!.data, '/')).body)).toEqual([{ key: 'value' }, { key: 'value' }]);
  });

  it('is not taken for ready because somebody else listens on its port', async () => {
    const setId = await run(
      `const { createServer } = require('node:http');
       require('node:fs').writeFileSync(process.env.HOME + '/port', process.env.PORT);
       setInterval(() => {}, 1000);`,
    );
    const { instanceId } = await test.only(setId, { state: 'Starting', pid: expect.any(Number) });

    const port = await eventually(() =>
      readFile(`${test.options.folder}/instances/${instanceId}/work/port`, 'utf8'),
    );
    const stranger = createServer((_req, res) => res.end('a stranger')).listen(Number(port), '127.0.0.1');
    await once(stranger, 'listening');
    await test.only(setId, { crashes: 1, lastExit: { reason: 'was not ready within 4 s' } });
    stranger.close();
  });

  it('that is not there is a crash that says so', async () => {
    const setId = await run('', { runtime: { type: 'Gone', version: '1' } });
    await test.only(setId, {
      crashes: 1,
      lastExit: { reason: 'ended with code 127: its command was not found' },
    });
  });

  it('needs an entry point, inside of the artefact', async () => {
    const { entry: _entry, ...none } = { entry: '' };
    const without = await test.run('', { runtime: { type: 'DotNet8', version: '8.0' }, ...none });
    await test.only(without, {
      lastExit: { reason: 'could not be started: the version names no entry point, which its runner needs' },
    });
    const outside = await run('', { entry: '../../../../etc/passwd' });
    await test.only(outside, { lastExit: { reason: expect.stringContaining('leads out of the artefact') } });
  });

  it('is what supports() looks for, and says what to configure', () => {
    const supports = (type: string) => test.orchestrator.supports({ type, version: '1' }, resources);
    expect(supports('DotNet8')).toMatchObject({ supported: true, runner: 'DotNet8' });
    expect(supports('Gone')).toEqual({
      supported: false,
      missing: 'The command no-such-command of the runner Gone is not on this machine',
      fix: expect.stringContaining('mend RUNNERS'),
    });
    expect(supports('Python')).toEqual({
      supported: false,
      missing: 'There is no runner for the runtime Python',
      fix: 'Name its command in RUNNERS, such as RUNNERS="Python=<command> {entry}"; there are NodeJs, DotNet8, Gone',
    });
    expect(supports('Container')).toMatchObject({
      supported: false,
      fix: expect.stringContaining('KUBECONFIG'),
    });
    expect(
      test.orchestrator.supports({ type: 'NodeJs', version: '20' }, { ...resources, maxMemoryMB: 32 }),
    ).toMatchObject({
      supported: false,
      fix: 'Register the version with a maxMemoryMB of at least 48',
    });
  });
});

describe('RUNNERS', () => {
  it('is read with quotes and without a shell', () => {
    expect([...parseRunners(' A1=run "my file" {entry} ; B={entry} --port $PORT;')]).toEqual([
      ['A1', ['run', 'my file', '{entry}']],
      ['B', ['{entry}', '--port', '$PORT']],
    ]);
    expect([...parseRunners('')]).toEqual([]);
  });

  it.each([
    ['dotnet {entry}', 'does not begin with a runtime type'],
    ['A=run', 'has no {entry}'],
    ['A=run "{entry}', 'has a quote that does not end'],
    ['NodeJs=node {entry}', 'which is built in'],
    ['A=x {entry};A=y {entry}', 'names A twice'],
  ])('%s is refused: it %s', (text, problem) => {
    expect(() => parseRunners(text)).toThrow(problem);
  });
});
