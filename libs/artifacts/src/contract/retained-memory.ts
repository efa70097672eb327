import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function retained(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** How much more than at first is still held at the worst moment that `sample` is called. */
export class RetainedMemory {
  readonly #before = retained();
  worst = 0;
  samples = 0;

  sample(): void {
    this.samples += 1;
    this.worst = Math.max(this.worst, retained() - this.#before);
  }
}
