import type { Readiness } from '@switchyard/service';
import type { Upstream } from '../forwarding/upstream.js';
import type { KnownState } from '../known/known-state.js';

/** Whether requests would be answered now, part by part. */
export class GatewayReadiness {
  private stopping = false;
  private last: { at: number; parts: Promise<Readiness[]> } | undefined;

  constructor(
    private readonly known: KnownState,
    private readonly upstreams: readonly Upstream[],
    private readonly clock: () => number,
  ) {}

  /** A load balancer shall send nothing more. */
  stop(): void {
    this.stopping = true;
  }

  /** Anybody may ask, however often: it is looked up once a second. */
  async check(): Promise<Readiness[]> {
    if (this.stopping) return [{ part: 'gateway', ready: false, reason: 'stopping' }];
    const now = this.clock();
    if (!this.last || now - this.last.at >= 1_000) this.last = { at: now, parts: this.look() };
    return await this.last.parts;
  }

  private async look(): Promise<Readiness[]> {
    const feeds: Readiness = this.known.complete
      ? { part: 'gateway', ready: true }
      : {
          part: 'gateway',
          ready: false,
          reason: 'keys, revocations and tenants have not been read yet; wait',
        };
    const services = await Promise.all(this.upstreams.map((upstream) => upstream.readiness()));
    return [feeds, ...services.flat()];
  }
}
