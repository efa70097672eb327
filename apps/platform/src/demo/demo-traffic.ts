import { setTimeout as wait } from 'node:timers/promises';
import type { DemoClient } from './demo-client.js';
import { demoPlugin } from './demo-shop.js';

export interface Answered {
  ok: number;
  failed: number;
}

/** Of what came from no version: the platform's own errors. */
export const nobody = 'none';

const callers = 4;
const pauseMs = 60;

/** Some dozens of requests a second, until it is stopped: what each version answered. */
export class DemoTraffic {
  readonly byVersion = new Map<string, Answered>();
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>[];

  constructor(private readonly client: DemoClient) {
    this.running = Array.from({ length: callers }, () => this.call());
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
  }

  private async call(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        const { status, version } = await this.client.call(`/app/${demoPlugin.pluginId}/price`);
        this.of(version ?? nobody)[status < 500 ? 'ok' : 'failed'] += 1;
      } catch {
        if (!this.stopping.signal.aborted) this.of(nobody).failed += 1;
      }
      await wait(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private of(version: string): Answered {
    const known = this.byVersion.get(version) ?? { ok: 0, failed: 0 };
    this.byVersion.set(version, known);
    return known;
  }
}
