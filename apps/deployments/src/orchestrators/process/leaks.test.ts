import { readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { eventually } from '@switchyard/testing';
import { processesOf } from '../contract/processes-of.js';
import { TestOrchestrator } from '../contract/test-orchestrator.js';

const DEPLOYMENTS = Number(process.env.ORCHESTRATOR_DEPLOYMENTS ?? 12);
const MB = 1024 * 1024;

describe(`${DEPLOYMENTS} deployments one after the other`, () => {
  let test: TestOrchestrator;
  beforeAll(async () => (test = await TestOrchestrator.open()));
  afterAll(() => test.close());

  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  const deploy = async (count: number, before: string | undefined): Promise<string> => {
    const setId = await test.run(`module.exports = (req, res) => res.end('${count}');`, {
      setId: `set-${count}`,
    });
    await test.only(setId, { ready: true });
    if (before !== undefined) await test.removed(before);
    return setId;
  };

  it(
    'leave no process, no socket, no file and no descriptor behind',
    async () => {
      let current = await deploy(0, undefined);
      await turn();
      const [before, memory] = [descriptors(), process.memoryUsage.rss()];
      for (let count = 1; count <= DEPLOYMENTS; count += 1) current = await deploy(count, current);
      const { folder } = test.options;
      await eventually(() => expect(descriptors()).toBeLessThanOrEqual(before + 2));
      expect(processesOf(folder)).toHaveLength(1);
      expect(await readdir(join(folder, 'sets'))).toEqual([`${current}.json`]);
      expect((await readdir(join(folder, 'artifacts'))).filter((name) => name !== 'index.json')).toHaveLength(
        1,
      );
      await eventually(async () => expect(await readdir(join(folder, 'instances'))).toHaveLength(1));
      await test.removed(current);
      expect(processesOf(folder)).toEqual([]);
      expect(await readdir(join(folder, 'artifacts'))).toEqual(['index.json']);
      expect(process.memoryUsage.rss() - memory).toBeLessThan(200 * MB);
    },
    30_000 + DEPLOYMENTS * 5000,
  );
});
