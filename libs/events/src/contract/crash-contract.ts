import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from '@switchyard/testing';
import { clean, ledger, tally } from './test-world.js';
import type { World } from './transport-harness.js';

const worker = join(process.cwd(), 'test/real/events/crash-worker.mjs');

/** Processes that publish and handle, killed at moments of chance. */
export function crashContract(name: string, world: () => World): void {
  it('loses and doubles nothing when processes are killed at any point', async () => {
    const { database, kafka } = world();
    const settings = { url: database.urlFor('registry'), kafka };
    const begin = (): ChildProcess =>
      fork(worker, [JSON.stringify(settings)], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        execArgv: [],
      });
    const effects = async (): Promise<number> =>
      (await database.look<{ n: number }>('SELECT count(*)::int AS n FROM registry.effects'))[0]?.n ?? 0;
    const workers = [begin(), begin()];
    let kills = 0;
    for (let round = 0; round < 6; round += 1) {
      const before = await effects();
      await eventually(async () => expect(await effects()).toBeGreaterThan(before + 40), 40_000);
      const victim = workers.shift();
      if (victim) {
        const gone = once(victim, 'exit');
        victim.kill('SIGKILL');
        await gone;
        kills += 1;
      }
      workers.push(begin());
    }
    const stopped = workers.map((process) => once(process, 'message'));
    for (const process of workers) process.send('stop writing');
    await Promise.all(stopped);
    const result = await eventually(async () => {
      const now = await ledger(database);
      expect(now.losses).toBe(0);
      return now;
    }, 40_000);
    for (const process of workers) {
      const gone = once(process, 'exit');
      process.kill('SIGTERM');
      await gone;
    }
    const final = await ledger(database);
    tally(name, { ...final, processesKilled: kills });
    expect(final).toEqual(clean(result.events));
  }, 120_000);
}
