import type { PluginResponse } from '@switchyard/plugin-manager';

/** Counts what comes in on the data listener. */
export class Traffic {
  requests = 0;
  errors = 0;
  running = 0;

  count(res: PluginResponse): void {
    this.requests += 1;
    this.running += 1;
    res.once('close', () => {
      this.running -= 1;
      if (res.statusCode >= 500) this.errors += 1;
    });
  }
}
