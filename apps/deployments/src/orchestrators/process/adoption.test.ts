import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Digest } from '@switchyard/artifacts';
import { eventually } from '@switchyard/testing';
import { ask } from '../contract/ask.js';
import { specOf } from '../contract/orchestrator-contract.js';
import { processesOf } from '../contract/processes-of.js';
import { TestOrchestrator } from '../contract/test-orchestrator.js';
import type { SetSpec } from '../orchestrator.js';

const worker = fileURLToPath(new URL('../contract/orchestrator-worker.mjs', import.meta.url));
const KILLS = Number(process.env.ORCHESTRATOR_KILLS ?? 6);
const HELLO = `console.log('started'); module.exports = (req, res) => res.end(String(process.pid));`;

describe('Instances outlive the platform', () => {
  let test: TestOrchestrator;
  let good: Digest;
  let spec: SetSpec;
  beforeEach(async () => {
    test = await TestOrchestrator.open();
    good = await test.artifacts.pack({ 'index.js': HELLO });
    spec = specOf(good);
  });
  afterEach(async () => {
    await test.close();
    expect(processesOf(test.options.folder)).toEqual([]);
  });

  it('and are found again as they were, answering all the time', async () => {
    await test.orchestrator.apply(spec);
    const before = await test.only(spec.setId, { ready: true });
    await test.orchestrator.close();
    expect((await ask(before.addresses!.data, '/')).body).toBe(String(before.pid));
    await test.reopen();
    expect(await test.only(spec.setId, { ready: true })).toMatchObject({
      instanceId: before.instanceId,
      pid: before.pid,
      addresses: before.addresses,
      startedAt: before.startedAt,
      crashes: 0,
    });
    await test.orchestrator.apply(spec);
    expect((await test.only(spec.setId, { ready: true })).pid).toBe(before.pid);
    expect((await test.orchestrator.readLogs(before.instanceId, 0))!.bytes.toString()).toBe('started\n');
  });

  it('though nobody is their parent any more: their end is noticed, and they start again', async () => {
    await test.orchestrator.apply(spec);
    const before = await test.only(spec.setId, { ready: true });
    await test.orchestrator.close();
    await test.reopen();
    await test.orchestrator.apply(spec);
    process.kill(before.pid!, 'SIGKILL');
    await test.only(spec.setId, { ready: true, crashes: 1, restarts: 1, instanceId: before.instanceId });
  });

  it('and who has ended meanwhile counts as crashed, and waits for its settings', async () => {
    await test.orchestrator.apply(spec);
    const { pid } = await test.only(spec.setId, { ready: true });
    await test.orchestrator.close();
    process.kill(pid!, 'SIGKILL');
    await eventually(() => expect(processesOf(test.options.folder)).toEqual([]));
    await test.reopen();
    await test.only(spec.setId, {
      state: 'Crashed',
      crashes: 1,
      reason: 'waits for its settings, which come when its set is applied',
    });
    await test.orchestrator.apply(spec);
    await test.only(spec.setId, { ready: true, restarts: 1 });
  });

  it('but not one that another process of the same id has taken the place of', async () => {
    await test.orchestrator.apply(spec);
    const { pid, instanceId } = await test.only(spec.setId, { ready: true });
    await test.orchestrator.close();
    const path = join(test.options.folder, 'instances', instanceId, 'state.json');
    const record = JSON.parse(await readFile(path, 'utf8'));
    record.process.pid = process.pid;
    await writeFile(path, JSON.stringify(record));
    await test.reopen();
    // Ours is still alive, and the one that nobody knew of is gone.
    await test.only(spec.setId, { state: 'Crashed' });
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
  });

  it('and two platforms never manage the same ones', async () => {
    await expect(test.reopen()).rejects.toThrow(/Another process runs the instances in/);
  });

  it(
    `and after ${KILLS} kills in the middle of anything there are as many as are wanted, and nothing else`,
    async () => {
      const other = await test.artifacts.pack({ 'index.js': HELLO, 'other.txt': '' });
      const { folder } = test.options;
      await test.orchestrator.close();
      const sets = [
        specOf(good, { setId: 'set-kept', desired: 2 }),
        specOf(other, { setId: 'set-passing', desired: 1 }),
      ] as const;
      const archives = Object.fromEntries(
        [good, other].map((digest) => [digest, test.artifacts.pathOf(digest)]),
      );
      const { logger: _logger, runners: _runners, fetchArtifact: _fetch, ...options } = test.options;
      for (let run = 0; run < KILLS; run += 1) {
        const steps = [
          ['apply', sets[0]],
          ['apply', sets[1]],
          ['remove', 'set-passing'],
        ];
        const child = fork(worker, [JSON.stringify({ options, archives, steps })], {
          execArgv: [],
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        });
        let left = 1 + ((run * 7) % 16);
        child.on('message', () => {
          left -= 1;
          if (left === 0) child.kill('SIGKILL');
        });
        // There may be fewer reports than it waits for.
        const patience = setTimeout(() => child.kill('SIGKILL'), 800);
        const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
        clearTimeout(patience);
        expect([code, signal]).toEqual([null, 'SIGKILL']);
      }
      await test.reopen();
      await test.orchestrator.apply(sets[0]);
      await test.orchestrator.remove('set-passing');
      await eventually(async () => {
        const [set, ...others] = await test.orchestrator.observe();
        expect(others).toEqual([]);
        expect(set).toMatchObject({ setId: 'set-kept', instances: [{ ready: true }, { ready: true }] });
        expect(processesOf(folder).sort()).toEqual(set!.instances.map(({ pid }) => pid).sort());
      });
      expect(await readdir(join(folder, 'sets'))).toEqual(['set-kept.json']);
      expect(await readdir(join(folder, 'artifacts'))).toHaveLength(2);
      await eventually(async () => expect(await readdir(join(folder, 'instances'))).toHaveLength(2));
    },
    30_000 + KILLS * 3000,
  );
});
