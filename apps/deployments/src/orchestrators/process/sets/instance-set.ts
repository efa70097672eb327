import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Digest } from '@switchyard/artifacts';
import type { ObservedSet, SetSpec } from '../../orchestrator.js';
import { crashBackoff } from '../instances/crash-backoff.js';
import { Instance } from '../instances/instance.js';
import { InstanceFolder } from '../instances/instance-folder.js';
import type { InstanceRecord } from '../instances/instance-record.js';
import type { InstanceSide, InstanceWorld } from '../instances/instance-world.js';
import type { ProcessIndex } from '../system/process-index.js';
import type { UserIds } from '../system/user-ids.js';
import type { SetRecord } from './set-record.js';

export interface SetSide {
  readonly world: InstanceWorld;
  readonly users: UserIds | undefined;
  readonly instancesFolder: string;
  readonly rootOf: (digest: Digest) => Promise<string>;
  readonly changed: (setId: string) => void;
  readonly instanceEnded: (instance: Instance) => void;
  /** Nothing of it is left. */
  readonly emptied: (setId: string) => Promise<void>;
}

/** The instances of one release. Brings what is towards what is wanted, one step at a time, whenever somebody says so. */
export class InstanceSet {
  readonly #side: SetSide;
  readonly #instances = new Map<string, Instance>();
  #record: SetRecord;
  #spec: SetSpec | undefined;
  #problem: string | undefined;
  #failures = 0;
  #tryAgainAt = 0;
  #running: Promise<void> | undefined;
  #again = false;
  #released = false;

  constructor(record: SetRecord, side: SetSide) {
    this.#record = record;
    this.#side = side;
  }

  get record(): SetRecord {
    return this.#record;
  }

  get instances(): Iterable<Instance> {
    return this.#instances.values();
  }

  apply(spec: SetSpec, record: SetRecord): void {
    this.#spec = spec;
    this.#record = record;
    this.#tryAgainAt = 0;
    this.wake();
  }

  removing(record: SetRecord): void {
    this.#record = record;
    this.wake();
  }

  async adopt(record: InstanceRecord): Promise<void> {
    if (record.uid !== null) this.#side.users?.claim(record.uid);
    const instance = this.#add(record);
    await instance.adopt();
  }

  /** Answers when it is written down that they are to end. */
  async stop(instanceIds: readonly string[]): Promise<void> {
    await Promise.all(instanceIds.map(async (id) => this.#instances.get(id)?.stop()));
    this.wake();
  }

  look(index: ProcessIndex, now: number): void {
    for (const instance of this.#instances.values()) this.#guard(instance.look(index, now));
    if (this.#problem !== undefined && now >= this.#tryAgainAt) this.wake();
  }

  wake(): void {
    if (this.#released) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#run().finally(() => (this.#running = undefined));
  }

  /** When nothing is under way any more, and nothing will be. */
  async release(): Promise<void> {
    this.#released = true;
    await this.#running;
    await Promise.all([...this.#instances.values()].map((instance) => instance.release()));
  }

  observed(): ObservedSet {
    const { setId, digest, desired, removing } = this.#record;
    return {
      setId,
      digest,
      desired,
      removing,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
      instances: [...this.#instances.values()].map((instance) => instance.observed()),
    };
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      await this.#step().catch((error: unknown) => this.#failed(error));
    } while (this.#again && !this.#released);
  }

  async #step(): Promise<void> {
    if (this.#record.removing) {
      await Promise.all([...this.#instances.values()].map((instance) => instance.stop()));
      if (this.#instances.size === 0) await this.#side.emptied(this.#record.setId);
      return;
    }
    const running = [...this.#instances.values()].filter(
      ({ phase }) => phase !== 'Stopping' && phase !== 'Ended',
    );
    const missing = this.#record.desired - running.length;
    if (!this.#spec || missing <= 0 || performance.now() < this.#tryAgainAt) return;
    await this.#side.rootOf(this.#record.digest);
    this.#problem = undefined;
    this.#failures = 0;
    // One after the other: a step that is cut off has begun none by halves.
    for (let count = 0; count < missing && !this.#record.removing && !this.#released; count += 1)
      await this.#begin();
  }

  async #begin(): Promise<void> {
    const uid = this.#side.users?.take() ?? null;
    const instance = this.#add({
      instanceId: `ins-${randomBytes(8).toString('hex')}`,
      setId: this.#record.setId,
      uid,
      phase: 'Starting',
      process: null,
      port: null,
      answersOn: 'socket',
      crashes: 0,
      crashesInARow: 0,
      restarts: 0,
      lastExit: null,
    });
    await instance.begin();
  }

  #add(record: InstanceRecord): Instance {
    const folder = new InstanceFolder(join(this.#side.instancesFolder, record.instanceId));
    const side: InstanceSide = {
      spec: () => this.#spec,
      maxMemoryMB: () => this.#record.resources.maxMemoryMB,
      maxCpu: () => this.#record.resources.maxCpu,
      root: () => this.#side.rootOf(this.#record.digest),
      changed: () => this.#side.changed(this.#record.setId),
      ended: () => this.#end(instance),
    };
    const instance: Instance = new Instance(record, folder, this.#side.world, side);
    this.#instances.set(record.instanceId, instance);
    return instance;
  }

  #end(instance: Instance): void {
    this.#instances.delete(instance.id);
    if (instance.uid !== null) this.#side.users?.release(instance.uid);
    this.#side.instanceEnded(instance);
    this.#side.changed(this.#record.setId);
    this.wake();
  }

  #failed(error: unknown): void {
    const { options } = this.#side.world;
    this.#failures += 1;
    this.#problem = (error as Error).message;
    this.#tryAgainAt = performance.now() + crashBackoff(this.#failures, options.backoff);
    this.#side.changed(this.#record.setId);
  }

  #guard(work: Promise<void>): void {
    work.catch((error: unknown) =>
      this.#side.world.options.logger.error(error, 'an instance could not be looked after'),
    );
  }
}
