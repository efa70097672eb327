import { createHash } from 'node:crypto';
import type { ProcessEntry } from '../system/process-table.js';
import { environmentOf } from '../system/process-table.js';

const [OWNER, INSTANCE] = ['SWITCHYARD_OWNER', 'SWITCHYARD_INSTANCE'];

/** Children inherit their environment, and so tell whose they are even when nothing else does. */
export class InstanceMarks {
  readonly #owner: string;

  constructor(folder: string) {
    this.#owner = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  }

  of(instanceId: string): Record<string, string> {
    return { [OWNER]: this.#owner, [INSTANCE]: instanceId };
  }

  /** `undefined` for a process that is nobody's here, or that may not be asked. */
  instanceOf({ pid }: ProcessEntry): string | undefined {
    const environment = environmentOf(pid);
    if (!environment.includes(`${OWNER}=${this.#owner}`)) return undefined;
    return environment.find((each) => each.startsWith(`${INSTANCE}=`))?.slice(INSTANCE.length + 1);
  }
}
