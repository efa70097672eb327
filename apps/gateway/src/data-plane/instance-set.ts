import type { RouteEndpoint } from '@switchyard/contracts';
import { Instance } from './instance.js';

/** The instances of one release, as the orchestrator last told. */
export class InstanceSet {
  instances: readonly Instance[] = [];
  private turn = 0;

  constructor(readonly setId: string) {}

  /** Answers what is no longer listed. One whose address changed is another one. */
  update(endpoints: readonly RouteEndpoint[]): Instance[] {
    const before = new Map(this.instances.map((instance) => [instance.instanceId, instance]));
    this.instances = endpoints.map(({ instanceId, address, ready }) => {
      const known = before.get(instanceId);
      if (!known?.isAt(address)) return new Instance(instanceId, this.setId, address, ready);
      before.delete(instanceId);
      known.ready = ready;
      return known;
    });
    return [...before.values()];
  }

  /**
   * Of those that are ready, not taken out and not full, the one with the least to do; in turn where they have the same.
   * `except` is the one that just failed: only chosen again if `orAgain` and there is no other.
   */
  choose(now: number, mostEach: number, except?: Instance, orAgain = false): Instance | undefined {
    const { instances } = this;
    const { length } = instances;
    let best: Instance | undefined;
    this.turn = length === 0 ? 0 : (this.turn + 1) % length;
    for (let i = 0; i < length; i += 1) {
      const instance = instances[(this.turn + i) % length] as Instance;
      if (!instance.ready || instance.ejectedUntil > now || instance.active >= mostEach) continue;
      if (instance === except) continue;
      if (best === undefined || instance.active < best.active) best = instance;
    }
    if (!best && orAgain && except?.ready && except.active < mostEach && instances.includes(except))
      return except;
    return best;
  }

  /** Whether anything here could answer, were it not full. */
  get hasReady(): boolean {
    return this.instances.some((instance) => instance.ready);
  }

  /** As many may be out at a time as leave half of the set: a slot is never emptied. */
  mayEject(now: number): boolean {
    const ready = this.instances.filter((instance) => instance.ready);
    const out = ready.filter((instance) => instance.ejectedUntil > now).length;
    return out < Math.floor(ready.length / 2);
  }
}
