import type { InstanceFolder } from '../instances/instance-folder.js';
import { InstanceLog, type LogLimits } from './instance-log.js';

interface EndedLog {
  readonly folder: InstanceFolder;
  readonly log: InstanceLog;
  readonly until: number;
}

/** Last words are read after the end: for a while the logs of instances that are no more can still be had. */
export class EndedLogs {
  readonly #limits: LogLimits;
  readonly #keepMs: number;
  readonly #logs = new Map<string, EndedLog>();

  constructor(limits: LogLimits, keepMs: number) {
    this.#limits = limits;
    this.#keepMs = keepMs;
  }

  add(instanceId: string, folder: InstanceFolder, log: InstanceLog): void {
    this.#logs.set(instanceId, { folder, log, until: performance.now() + this.#keepMs });
  }

  /** What an earlier platform still kept. */
  async open(instanceId: string, folder: InstanceFolder): Promise<void> {
    this.add(instanceId, folder, await new InstanceLog(folder.log, this.#limits).open());
  }

  get(instanceId: string): InstanceLog | undefined {
    return this.#logs.get(instanceId)?.log;
  }

  async tend(now: number): Promise<void> {
    for (const [instanceId, { folder, until }] of this.#logs)
      if (now >= until) {
        this.#logs.delete(instanceId);
        await folder.remove();
      }
  }
}
