import type { ServerResponse } from 'node:http';
import type { Logger } from '@switchyard/observability';
import type { EdgeCall } from '@switchyard/service';
import type { DeploymentChanges } from './deployment-changes.js';

export interface WatchTimes {
  /** The longest time without a word. */
  readonly silenceMs: number;
  /** How long somebody may read nothing. */
  readonly patienceMs: number;
  readonly graceMs: number;
}

/** What is watched, and by whom: all of it ends when the service does. */
export class Watches {
  private readonly running = new Set<AbortController>();
  private stopped = false;

  constructor(
    readonly changes: DeploymentChanges,
    readonly times: WatchTimes,
    private readonly logger: Logger,
  ) {}

  /** Aborted when the time has passed, the caller has gone, or the service stops. */
  open(response: ServerResponse, forMs: number): AbortSignal {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), forMs);
    this.running.add(controller);
    const close = (): void => {
      clearTimeout(timer);
      this.running.delete(controller);
      controller.abort();
    };
    response.once('close', close);
    if (response.destroyed || this.stopped) close();
    return controller.signal;
  }

  failed(error: unknown, call: EdgeCall): void {
    this.logger.error({ err: error, traceId: call.trace.traceId }, 'a watch failed');
  }

  endAll(): void {
    this.stopped = true;
    for (const controller of this.running) controller.abort();
  }
}
