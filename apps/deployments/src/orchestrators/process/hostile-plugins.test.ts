import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@switchyard/testing';
import { ask } from '../contract/ask.js';
import { processesOf } from '../contract/processes-of.js';
import { TestOrchestrator } from '../contract/test-orchestrator.js';

const MB = 1024 * 1024;
const SERVES = `module.exports = (req, res) => res.end('hello');`;

describe('A plugin that', () => {
  let test: TestOrchestrator;
  beforeAll(async () => {
    test = await TestOrchestrator.open({
      startTimeoutMs: 3000,
      stopGraceMs: 300,
      cpuWindowMs: 500,
      logs: { maxBytes: MB, olderParts: 2 },
    });
  });
  afterEach(async () => {
    for (const { setId } of await test.orchestrator.observe()) await test.removed(setId);
    expect(processesOf(test.options.folder)).toEqual([]);
    expect(await readdir(join(test.options.folder, 'sets'))).toEqual([]);
    expect(await readdir(join(test.options.folder, 'artifacts'))).toEqual(['index.json']);
  });
  afterAll(() => test.close());

  it('never gets ready, or spins in its load, is killed after its time, and starts again', async () => {
    const waits = `module.exports = { name: 'a', load: () => new Promise(() => setInterval(() => {}, 1e6)) };`;
    const sets = await Promise.all([test.run(waits), test.run(`for (;;);`)]);
    for (const setId of sets)
      await test.only(setId, {
        crashes: 1,
        lastExit: { signal: 'SIGKILL', reason: 'was not ready within 3 s' },
      });
  });

  it('ignores SIGTERM is ended by SIGKILL', async () => {
    const setId = await test.run(
      `process.on('SIGTERM', () => {}); process.removeAllListeners('SIGTERM'); process.on('SIGTERM', () => {}); ${SERVES}`,
    );
    const { pid } = await test.only(setId, { ready: true });
    await test.removed(setId);
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
  });

  it('has stopped itself is ended all the same', async () => {
    const setId = await test.run(`module.exports = () => process.kill(process.pid, 'SIGSTOP');`);
    const { pid, addresses } = await test.only(setId, { ready: true });
    ask(addresses!.data, '/').catch(() => undefined);
    await eventually(async () => expect(await readFile(`/proc/${pid!}/stat`, 'utf8')).toMatch(/\) T /));
    await test.removed(setId);
  });

  it('eats memory is killed, which counts as a crash and says how much it was', async () => {
    const setId = await test.run(
      `const eaten = []; setTimeout(() => setInterval(() => eaten.push(Buffer.alloc(4e6, 1)), 5), 100); ${SERVES}`,
      { resources: { minCpu: 0.1, maxCpu: 1, minMemoryMB: 64, maxMemoryMB: 128 } },
    );
    const { lastExit } = await test.only(setId, { crashes: 1, lastExit: { signal: 'SIGKILL' } });
    expect(lastExit!.reason).toMatch(/^was killed: it used \d+ MB of memory, 128 MB allowed$/);
  });

  it('spins is told, and does not hold up its end', async () => {
    const setId = await test.run(`module.exports = () => { for (;;); };`, {
      resources: { minCpu: 0.01, maxCpu: 0.05, minMemoryMB: 64, maxMemoryMB: 256 },
    });
    const { addresses } = await test.only(setId, { ready: true });
    ask(addresses!.data, '/').catch(() => undefined);
    const { reason } = await test.only(setId, { usage: { cpuOverMax: true } });
    expect(reason).toMatch(/^uses \d\.\d cores, 0\.05 allowed$/);
  });

  it('writes 100 MB at once fills neither disk nor memory, and what was lost is told', async () => {
    const setId = await test.run(
      `const line = 'x'.repeat(1023) + '\\n'; module.exports = (req, res) => {
        for (let count = 0; count < 100 * 1024; count += 1) require('node:fs').writeSync(1, line);
        require('node:fs').writeSync(1, 'the end\\n'); res.end(); };`,
    );
    const { instanceId, addresses } = await test.only(setId, { ready: true });
    const before = process.memoryUsage.rss();
    await ask(addresses!.data, '/');
    const folder = join(test.options.folder, 'instances', instanceId, 'log');
    await eventually(async () => {
      let bytes = 0;
      for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
      expect(bytes).toBeLessThan(9 * MB + 4096);
    });
    let [offset, read, dropped, end] = [0, 0, 0, ''];
    for (;;) {
      const chunk = (await test.orchestrator.readLogs(instanceId, offset))!;
      [offset, dropped] = [chunk.nextOffset, dropped + chunk.dropped];
      read += chunk.bytes.length;
      if (chunk.bytes.length === 0) break;
      end = chunk.bytes.toString('latin1').slice(-8);
    }
    expect(end).toBe('the end\n');
    expect(dropped).toBeGreaterThan(50 * MB);
    // What comes between a look and a cut cannot be counted, and is the less the less the machine has to do.
    expect(read + dropped).toBe(offset);
    expect(offset).toBeLessThanOrEqual(100 * MB + 8);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * MB);
  });

  it('deletes its socket is started anew with another one', async () => {
    const setId = await test.run(
      `module.exports = (req, res) => { require('node:fs').unlinkSync(req.socket.server.address()); res.end(); };`,
    );
    const { addresses } = await test.only(setId, { ready: true });
    await ask(addresses!.data, '/');
    await test.only(setId, { crashes: 1, lastExit: { reason: 'has lost the socket that it answered on' } });
    await test.only(setId, { ready: true, restarts: 1 });
  });

  it('leaves children behind, in sessions of their own, takes them along', async () => {
    const setId = await test.run(
      `const { spawn } = require('node:child_process');
       for (const detached of [false, true]) spawn('sleep', ['1000'], { detached, stdio: 'ignore' }).unref(); ${SERVES}`,
    );
    const { pid } = await test.only(setId, { ready: true });
    await eventually(() => expect(processesOf(test.options.folder)).toHaveLength(3));
    process.kill(pid!, 'SIGKILL');
    await test.only(setId, { ready: true, restarts: 1 });
    await eventually(() => expect(processesOf(test.options.folder)).toHaveLength(3));
  });

  it('throws where nobody catches crashes alone, and its last words are kept', async () => {
    const setId = await test.run(`module.exports = () => setTimeout(() => { throw new Error('too bad'); });`);
    const { instanceId, addresses } = await test.only(setId, { ready: true });
    ask(addresses!.data, '/').catch(() => undefined);
    await test.only(setId, { crashes: 1, lastExit: { code: 1 } });
    const { bytes } = (await test.orchestrator.readLogs(instanceId, 0))!;
    expect(bytes.toString()).toMatch(/"level":"error","message":"an error that nobody caught".*too bad/);
  });
});

it('A plugin that writes while the platform is away fills no disk: its file has an end', async () => {
  const test = await TestOrchestrator.open({ maxFileBytes: MB, logs: { maxBytes: 100 * MB, olderParts: 1 } });
  const setId = await test.run(
    `const { writeSync } = require('node:fs'); const block = 'x'.repeat(65536);
     module.exports = (req, res) => { let why = 'none'; try { for (let count = 0; count < 64; count += 1) writeSync(1, block); } catch (error) { why = error.code; } res.end(why); };`,
  );
  const { instanceId, addresses } = await test.only(setId, { ready: true });
  await test.orchestrator.close();
  expect((await ask(addresses!.data, '/')).body).toBe('EFBIG');
  const log = join(test.options.folder, 'instances', instanceId, 'log', 'current.log');
  expect((await stat(log)).size).toBe(MB);
  await test.reopen();
  await test.close();
});
