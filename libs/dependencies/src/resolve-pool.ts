import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import {
  InvalidResolveRequestError,
  ResolutionAbandonedError,
  ResolutionOutOfMemoryError,
  ResolutionTimedOutError,
} from './resolution-errors.js';
import type { Resolution } from './resolution.js';
import type { ResolveRequest } from './resolve-request.js';
import type { WorkerAnswer } from './worker-answer.js';

export interface ResolveLimits {
  /** From when it is this request's turn; a start of the worker counts, waiting for other requests does not. */
  readonly timeMs: number;
  readonly maxOldSpaceMb: number;
}

/** What was built, whoever starts it and from wherever: this module may lie in a bundle. */
const WORKER_FILE = createRequire(import.meta.url).resolve('@switchyard/dependencies/resolve-worker');

/** One worker, started when it is first needed and again after it was killed, and one resolution at a time. */
export class ResolvePool {
  private worker: Worker | undefined;
  private workerMb = 0;
  private queue: Promise<unknown> = Promise.resolve();
  private settle: ((answer: WorkerAnswer | { ended: Error }) => void) | undefined;
  private closed = false;

  /** `resolve` with an end: what is not done in time, or takes too much memory, is stopped for good. */
  resolveInWorker(request: ResolveRequest, limits: ResolveLimits): Promise<Resolution> {
    const result = this.queue.then(() => this.run(request, limits));
    this.queue = result.catch(() => undefined);
    return result;
  }

  /** What is under way or waits is refused. */
  async close(): Promise<void> {
    this.closed = true;
    this.settle?.({ ended: closedError() });
    await this.dismiss();
    await this.queue;
  }

  private async run(request: ResolveRequest, limits: ResolveLimits): Promise<Resolution> {
    const worker = await this.workerFor(limits.maxOldSpaceMb);
    if (this.closed) throw closedError();
    // Idle it keeps no process alive; somebody who waits for the answer does want it.
    worker.ref();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Resolution>((resolve, reject) => {
        timer = setTimeout(() => reject(new ResolutionTimedOutError(limits.timeMs)), limits.timeMs);
        this.settle = (answer) => {
          if ('ended' in answer) reject(failure(answer.ended, limits));
          else if ('invalid' in answer) reject(new InvalidResolveRequestError(answer.invalid));
          else resolve(answer.resolution);
        };
        // As text: copying half a million small objects takes several times as long.
        worker.postMessage(JSON.stringify(request));
      });
    } catch (error) {
      if (!(error instanceof InvalidResolveRequestError)) await this.dismiss();
      throw error;
    } finally {
      clearTimeout(timer);
      this.settle = undefined;
      worker.unref();
    }
  }

  private async workerFor(megabytes: number): Promise<Worker> {
    if (this.worker !== undefined && this.workerMb !== megabytes) await this.dismiss();
    if (this.closed) throw closedError();
    if (this.worker === undefined) {
      const worker = new Worker(WORKER_FILE, {
        env: {},
        execArgv: [],
        resourceLimits: { maxOldGenerationSizeMb: megabytes },
      });
      worker.on('message', (answer: WorkerAnswer) => this.settle?.(answer));
      worker.on('error', (error) => this.ended(worker, error));
      worker.on('exit', () => this.ended(worker, new ResolutionAbandonedError('The worker ended')));
      worker.unref();
      this.worker = worker;
      this.workerMb = megabytes;
    }
    return this.worker;
  }

  private ended(worker: Worker, reason: Error): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    this.settle?.({ ended: reason });
  }

  private async dismiss(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    await worker?.terminate();
  }
}

const closedError = (): Error => new ResolutionAbandonedError('The pool is closed');

function failure(error: Error, { maxOldSpaceMb }: ResolveLimits): Error {
  if (error instanceof ResolutionAbandonedError) return error;
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new ResolutionOutOfMemoryError(maxOldSpaceMb);
  }
  return new ResolutionAbandonedError(`The worker failed: ${error.message}`, { cause: error });
}
