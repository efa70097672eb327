import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Resources } from '../../orchestrator.js';

const PERIOD_US = 100_000;
const MB = 1024 * 1024;

/** A control group (version 2) for each instance, under a folder that was given to this process. */
export class Cgroups {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Or why there are none. `parent`: a folder of the hierarchy without processes of its own, which we may write. */
  static open(parent: string): Cgroups | string {
    const folder = join(parent, 'switchyard-instances');
    try {
      const available = readFileSync(join(parent, 'cgroup.controllers'), 'utf8').trim().split(' ');
      const missing = ['memory', 'cpu', 'pids'].filter((name) => !available.includes(name));
      if (missing.length > 0) return `${parent} has no controller for ${missing.join(', ')}`;
      writeFileSync(join(parent, 'cgroup.subtree_control'), '+memory +cpu +pids');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'cgroup.subtree_control'), '+memory +cpu +pids');
      return new Cgroups(folder);
    } catch (error) {
      return `${parent} cannot be used as a control group (${(error as NodeJS.ErrnoException).code ?? 'failed'})`;
    }
  }

  /** Moves a process there, with all that it will start. */
  hold(instanceId: string, pid: number, resources: Resources, maxProcesses: number): void {
    const folder = join(this.#folder, instanceId);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'memory.max'), String(resources.maxMemoryMB * MB));
    writeFileSync(join(folder, 'memory.oom.group'), '1');
    writeFileSync(join(folder, 'cpu.max'), `${Math.round(resources.maxCpu * PERIOD_US)} ${PERIOD_US}`);
    writeFileSync(join(folder, 'pids.max'), String(maxProcesses));
    writeFileSync(join(folder, 'cgroup.procs'), String(pid));
  }

  /** Since the instance has its group. */
  memoryKills(instanceId: string): number {
    try {
      const events = readFileSync(join(this.#folder, instanceId, 'memory.events'), 'utf8');
      return Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0);
    } catch {
      return 0;
    }
  }

  remove(instanceId: string): void {
    try {
      rmdirSync(join(this.#folder, instanceId));
    } catch {
      // It was never made; or a process is still ending, and then the next instance of this id takes it over.
    }
  }
}
