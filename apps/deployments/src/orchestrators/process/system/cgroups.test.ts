import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cgroups } from './cgroups.js';

const resources = { minCpu: 0.1, maxCpu: 0.5, minMemoryMB: 64, maxMemoryMB: 128 };

/** What is written where; whether the kernel does what that asks for shows only on a machine with a delegated group. */
describe('Control groups', () => {
  let parent: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'cgroup-'));
    await writeFile(join(parent, 'cgroup.controllers'), 'cpuset cpu io memory pids\n');
  });
  afterEach(() => rm(parent, { recursive: true }));

  it('hold each instance to its resources, with all it starts', async () => {
    const cgroups = Cgroups.open(parent) as Cgroups;
    cgroups.hold('ins-1', 42, resources, 100);
    const read = (name: string) => readFile(join(parent, 'switchyard-instances/ins-1', name), 'utf8');
    expect(
      await Promise.all(['memory.max', 'cpu.max', 'pids.max', 'cgroup.procs', 'memory.oom.group'].map(read)),
    ).toEqual([String(128 * 1024 * 1024), '50000 100000', '100', '42', '1']);
    expect(await readFile(join(parent, 'cgroup.subtree_control'), 'utf8')).toBe('+memory +cpu +pids');
  });

  it('tell how often memory ran out', async () => {
    const cgroups = Cgroups.open(parent) as Cgroups;
    expect(cgroups.memoryKills('ins-1')).toBe(0);
    cgroups.hold('ins-1', 42, resources, 100);
    await writeFile(join(parent, 'switchyard-instances/ins-1/memory.events'), 'low 0\noom 3\noom_kill 2\n');
    expect(cgroups.memoryKills('ins-1')).toBe(2);
  });

  it('say why there are none', async () => {
    await writeFile(join(parent, 'cgroup.controllers'), 'cpu pids\n');
    expect(Cgroups.open(parent)).toBe(`${parent} has no controller for memory`);
    expect(existsSync(join(parent, 'switchyard-instances'))).toBe(false);
    expect(Cgroups.open(join(parent, 'nowhere'))).toBe(
      `${parent}/nowhere cannot be used as a control group (ENOENT)`,
    );
  });
});
