import type { Readiness } from '@switchyard/service';
import type { Upstream } from '../forwarding/upstream.js';
import type { KnownState } from '../known/known-state.js';

/** Whether requests would be answered now, part by part. */
export class GatewayReadiness {
  private stopping = false;

  constructor(
    private readonly known: KnownState,
    private readonly upstreams: readonly Upstream[],
  ) {}

  /** A load balancer shall send nothing more. */
  stop(): void {
    this.stopping = true;
  }

  async check(): Promise<Readiness[]> {
    if (this.stopping) return [{ part: 'gateway', ready: false, reason: 'stopping' }];
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
