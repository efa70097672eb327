import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObservedInstance } from '../orchestrator.js';
import { ask } from '../contract/ask.js';
import { TestOrchestrator } from '../contract/test-orchestrator.js';

/** Does what it is told, as whoever has taken over a plugin could. */
const TAKEN_OVER = `module.exports = { name: 'taken', load(app, config, context) {
  app.post('/', async (req, res) => {
    try { res.json({ value: await new Function('require', 'config', 'return (async () => { ' + req.body + ' })()')(require, config) }); }
    catch (error) { res.json({ error: error.code ?? error.message }); }
  });
} };`;
const SECRET = 'tr0ub4dor&3';

const isRoot = process.getuid!() === 0;
const underRoot = isRoot ? describe : describe.skip;

describe('An instance', () => {
  let test: TestOrchestrator;
  let mine: ObservedInstance;
  let other: ObservedInstance;
  beforeAll(async () => {
    test = await TestOrchestrator.open();
    const settings = { key: SECRET };
    mine = await test.only(await test.run(TAKEN_OVER, { settings }), { ready: true });
    other = await test.only(await test.run(TAKEN_OVER, { settings }), { ready: true });
  });
  afterAll(() => test.close());

  const run = async (code: string): Promise<unknown> => {
    const headers = { 'content-type': 'text/plain' };
    const { body } = await ask(mine.addresses!.data, '/', { method: 'POST', body: code, headers });
    return JSON.parse(body) as unknown;
  };

  it('gets its settings, which nobody finds in its arguments, its environment or on the disk', async () => {
    expect(await run('return config.key')).toEqual({ value: SECRET });
    for (const file of ['cmdline', 'environ'])
      expect(await readFile(`/proc/${mine.pid!}/${file}`, 'latin1')).not.toContain(SECRET);
    const files = await readdir(test.options.folder, { recursive: true, withFileTypes: true });
    for (const file of files.filter((each) => each.isFile()))
      expect(await readFile(join(file.parentPath, file.name), 'latin1')).not.toContain(SECRET);
  });

  it('has an environment of a few words, none of them the platform’s', async () => {
    expect(await run('return Object.keys(process.env).sort()')).toEqual({
      value: expect.arrayContaining(['HOME', 'LANG', 'NODE_ENV', 'PATH', 'TMPDIR']),
    });
    const { value } = (await run('return Object.keys(process.env).length')) as { value: number };
    expect(value).toBeLessThan(12);
  });

  it('cannot write where its code lies', async () => {
    if (isRoot)
      expect(await run(`require('node:fs').writeFileSync('index.js', '')`)).toEqual({ error: 'EACCES' });
    const { value } = (await run('return process.cwd()')) as { value: string };
    for (const path of [value, join(value, 'index.js')]) expect((await stat(path)).mode & 0o222).toBe(0);
  });

  it('writes where it is at home', async () => {
    expect(
      await run(
        `const fs = require('node:fs'); fs.writeFileSync(process.env.HOME + '/a', 'b'); return fs.readFileSync(process.env.TMPDIR + '/a', 'utf8')`,
      ),
    ).toEqual({ value: 'b' });
  });

  it('answers on sockets that only its own user and root reach', async () => {
    for (const address of [mine.addresses!.data, mine.addresses!.protocol!]) {
      const { socketPath } = address as { socketPath: string };
      const [socket, folder] = await Promise.all([stat(socketPath), stat(join(socketPath, '..'))]);
      expect([socket.mode & 0o077, folder.mode & 0o777]).toEqual([0, 0o700]);
    }
  });

  underRoot('of a user of its own', () => {
    it('is what the orchestrator says it has', () => {
      const resources = { minCpu: 0.1, maxCpu: 1, minMemoryMB: 64, maxMemoryMB: 256 };
      expect(test.orchestrator.supports({ type: 'NodeJs', version: '20' }, resources)).toMatchObject({
        enforcement: { user: 'own' },
      });
    });

    it('is nobody else’s user, and no root', async () => {
      const [first, second] = await Promise.all([mine, other].map(({ pid }) => stat(`/proc/${pid!}`)));
      expect(new Set([0, first!.uid, second!.uid]).size).toBe(3);
      expect(await run('return [process.getuid(), process.getgid(), process.getgroups()]')).toEqual({
        value: [first!.uid, first!.uid, expect.not.arrayContaining([0])],
      });
    });

    it('reaches neither the other’s sockets nor its files, nor what the platform keeps', async () => {
      const { socketPath } = other.addresses!.data as { socketPath: string };
      const connect = `return await new Promise((resolve, reject) => require('node:net').connect(${JSON.stringify(socketPath)}, resolve).on('error', reject))`;
      expect(await run(connect)).toEqual({ error: 'EACCES' });
      const { folder } = test.options;
      const own = join(folder, 'instances', mine.instanceId);
      const others = join(folder, 'instances', other.instanceId);
      for (const path of [
        join(folder, 'sets'),
        join(folder, 'artifacts'),
        join(folder, 'instances'),
        join(own, 'log'),
        join(others, 'work'),
      ])
        expect(await run(`return require('node:fs').readdirSync(${JSON.stringify(path)})`)).toEqual({
          error: 'EACCES',
        });
      for (const path of [
        join(own, 'state.json'),
        join(others, 'state.json'),
        `/proc/${other.pid!}/environ`,
        `/proc/${other.pid!}/fd/3`,
      ])
        expect(await run(`return require('node:fs').readFileSync(${JSON.stringify(path)}, 'utf8')`)).toEqual({
          error: 'EACCES',
        });
    });

    it('can end neither the other nor the platform', async () => {
      for (const pid of [other.pid!, process.pid])
        expect(await run(`process.kill(${pid})`)).toEqual({ error: 'EPERM' });
    });
  });
});
