import type { Digest } from '@switchyard/artifacts';
import type {
  LogChunk,
  ObservedSet,
  Orchestrator,
  Resources,
  Runtime,
  SetSpec,
  Support,
} from '../orchestrator.js';
import { changedFields } from '../changed-fields.js';
import { SetChangedError } from '../set-changed-error.js';
import { FakeInstance, type FakeBehaviour } from './fake-instance.js';

interface FakeSet {
  spec: SetSpec;
  removing: boolean;
  readonly instances: Map<string, FakeInstance>;
}

export interface FakeOptions {
  /** Of an artefact's instances; `ready` when it says nothing. */
  readonly behaviour?: (digest: Digest) => FakeBehaviour;
  /** When things that take a while happen: by default soon. A test may keep them and let them happen when it likes. */
  readonly later?: (step: () => void) => void;
  readonly runtimes?: readonly string[];
}

/** Instances that are only said to be: for those who are to be tested on what an orchestrator does, and on ten thousand of them. */
export class FakeOrchestrator implements Orchestrator {
  readonly kind = 'fake';
  readonly #behaviour: (digest: Digest) => FakeBehaviour;
  readonly #later: (step: () => void) => void;
  readonly #runtimes: readonly string[];
  readonly #sets = new Map<string, FakeSet>();
  readonly #listeners = new Set<(setId: string) => void>();
  #count = 0;

  constructor({ behaviour, later, runtimes }: FakeOptions = {}) {
    this.#behaviour = behaviour ?? (() => 'ready');
    this.#later = later ?? ((step) => void setImmediate(step));
    this.#runtimes = runtimes ?? ['NodeJs', 'Node'];
  }

  supports({ type }: Runtime, _resources: Resources): Support {
    if (this.#runtimes.includes(type))
      return {
        supported: true,
        runner: type,
        enforcement: { memory: 'watchdog', cpu: 'told', user: 'shared', notes: [] },
      };
    return {
      supported: false,
      missing: `There is no runner for the runtime ${type}`,
      fix: 'Name it in RUNNERS',
    };
  }

  async apply(spec: SetSpec): Promise<void> {
    const known = this.#sets.get(spec.setId);
    const changed = known ? changedFields(known.spec, spec) : [];
    if (changed.length > 0) throw new SetChangedError(spec.setId, changed);
    const set = known ?? { spec, removing: false, instances: new Map<string, FakeInstance>() };
    set.spec = spec;
    set.removing = false;
    this.#sets.set(spec.setId, set);
    this.#fill(set);
  }

  async observe(): Promise<readonly ObservedSet[]> {
    return [...this.#sets.values()].map(({ spec, removing, instances }) => ({
      setId: spec.setId,
      digest: spec.digest,
      desired: removing ? 0 : spec.desired,
      removing,
      ...(this.#behaviour(spec.digest) === 'missing' && !removing
        ? { problem: 'the artefact is not there' }
        : {}),
      instances: [...instances.values()].map((instance) => instance.observed()),
    }));
  }

  async stop(setId: string, instanceIds: readonly string[]): Promise<void> {
    const set = this.#sets.get(setId);
    if (!set) return;
    for (const instanceId of instanceIds) set.instances.get(instanceId)?.stop();
    this.#fill(set);
  }

  async remove(setId: string): Promise<void> {
    const set = this.#sets.get(setId);
    if (!set || set.removing) return;
    set.removing = true;
    for (const instance of set.instances.values()) instance.stop();
    this.#forgetIfEmpty(set);
  }

  onChange(listener: (setId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async readLogs(instanceId: string, fromOffset: number, maxBytes = 65_536): Promise<LogChunk | undefined> {
    const log = this.#find(instanceId)?.log;
    if (!log) return undefined;
    const bytes = log.subarray(fromOffset, fromOffset + maxBytes);
    return { bytes, nextOffset: Math.min(fromOffset, log.length) + bytes.length, dropped: 0 };
  }

  /** As if it had ended by itself. */
  crash(instanceId: string, reason = 'ended by itself with code 1'): void {
    this.#find(instanceId)?.crash(reason);
  }

  #find(instanceId: string): FakeInstance | undefined {
    for (const { instances } of this.#sets.values()) {
      const found = instances.get(instanceId);
      if (found) return found;
    }
    return undefined;
  }

  #fill(set: FakeSet): void {
    const { spec, instances } = set;
    const behaviour = this.#behaviour(spec.digest);
    if (set.removing || behaviour === 'missing') return;
    const running = [...instances.values()].filter(({ state }) => state !== 'Stopping').length;
    for (let missing = spec.desired - running; missing > 0; missing -= 1) {
      const instanceId = `ins-${(this.#count += 1).toString().padStart(8, '0')}`;
      const instance = new FakeInstance(instanceId, behaviour, {
        later: this.#later,
        changed: () => this.#changed(spec.setId),
        ended: () => {
          instances.delete(instanceId);
          this.#changed(spec.setId);
          this.#forgetIfEmpty(set);
        },
      });
      instances.set(instanceId, instance);
      instance.start();
    }
  }

  #forgetIfEmpty({ spec, removing, instances }: FakeSet): void {
    if (!removing || instances.size > 0) return;
    this.#sets.delete(spec.setId);
    this.#changed(spec.setId);
  }

  #changed(setId: string): void {
    for (const listener of this.#listeners) listener(setId);
  }
}
