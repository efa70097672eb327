import { chmod, mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '@switchyard/artifacts';
import type {
  Enforcement,
  LogChunk,
  ObservedSet,
  Orchestrator,
  Resources,
  Runtime,
  SetSpec,
  Support,
} from '../orchestrator.js';
import { SetChangedError } from '../set-changed-error.js';
import { UnpackedArtifacts } from './artifacts/unpacked-artifacts.js';
import { EndedLogs } from './logs/ended-logs.js';
import { InstanceFolder } from './instances/instance-folder.js';
import { InstanceMarks } from './instances/instance-marks.js';
import { readInstanceRecord } from './instances/instance-record.js';
import type { InstanceWorld } from './instances/instance-world.js';
import { killAll } from './instances/kill-all.js';
import type { ProcessOrchestratorOptions } from './process-orchestrator-options.js';
import { hostEntry } from './runners/command-of.js';
import { changedFields } from '../changed-fields.js';
import { InstanceSet, type SetSide } from './sets/instance-set.js';
import { assertSetId, SetRecords, toRecord } from './sets/set-record.js';
import { supportOf } from './sets/support-of.js';
import { Cgroups } from './system/cgroups.js';
import { FolderLock } from './system/folder-lock.js';
import { readMachine } from './system/machine.js';
import { ProcessIndex } from './system/process-index.js';
import { UserIds } from './system/user-ids.js';

/** Runs instances as processes of this machine, which outlive this one. One at a time manages a folder. */
export class ProcessOrchestrator implements Orchestrator {
  readonly kind = 'process';
  readonly #options: ProcessOrchestratorOptions;
  readonly #enforcement: Enforcement;
  readonly #lock: FolderLock;
  readonly #records: SetRecords;
  readonly #logs: EndedLogs;
  readonly #side: SetSide;
  readonly #sets = new Map<string, InstanceSet>();
  readonly #listeners = new Set<(setId: string) => void>();
  #artifacts: UnpackedArtifacts | undefined;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(
    options: ProcessOrchestratorOptions,
    lock: FolderLock,
    {
      world,
      enforcement,
      users,
    }: { world: InstanceWorld; enforcement: Enforcement; users: UserIds | undefined },
  ) {
    this.#options = options;
    this.#lock = lock;
    this.#enforcement = enforcement;
    this.#records = new SetRecords(join(options.folder, 'sets'));
    this.#logs = new EndedLogs(options.logs, options.keepLogsMs);
    this.#side = {
      world,
      users,
      instancesFolder: join(options.folder, 'instances'),
      rootOf: (digest) => this.#unpacked.rootOf(digest),
      changed: (setId) => this.#listeners.forEach((listener) => listener(setId)),
      instanceEnded: ({ id, folder, log }) => this.#logs.add(id, folder, log),
      emptied: (setId) => this.#forget(setId),
    };
  }

  /** Takes over what an earlier one has left running, and ends what belongs to nobody. */
  static async open(given: ProcessOrchestratorOptions): Promise<ProcessOrchestrator> {
    await mkdir(given.folder, { recursive: true, mode: 0o711 });
    const options = { ...given, folder: await realpath(given.folder) };
    // Instances of other users pass through it, and cannot look around.
    await chmod(options.folder, 0o711);
    const lock = await FolderLock.take(options.folder);
    try {
      for (const [name, mode] of [
        ['sets', 0o700],
        ['instances', 0o711],
        ['artifacts', 0o711],
      ] as const)
        await mkdir(join(options.folder, name), { recursive: true, mode });
      const orchestrator = new ProcessOrchestrator(options, lock, surroundings(options));
      await orchestrator.#adopt();
      orchestrator.#lookLater(options.lookEveryMs);
      return orchestrator;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  supports(runtime: Runtime, resources: Resources): Support {
    const { runners, path } = this.#options;
    return supportOf(runtime, resources, { runners, path, enforcement: this.#enforcement });
  }

  async apply(spec: SetSpec): Promise<void> {
    assertSetId(spec.setId);
    const known = this.#sets.get(spec.setId);
    const changed = known ? changedFields(known.record, spec) : [];
    if (changed.length > 0) throw new SetChangedError(spec.setId, changed);
    await this.#inTurn(async () => {
      const record = toRecord(spec);
      await this.#records.write(record);
      const set = this.#sets.get(spec.setId) ?? new InstanceSet(record, this.#side);
      this.#sets.set(spec.setId, set);
      set.apply(spec, record);
    });
  }

  async observe(): Promise<readonly ObservedSet[]> {
    return [...this.#sets.values()].map((set) => set.observed());
  }

  async stop(setId: string, instanceIds: readonly string[]): Promise<void> {
    await this.#sets.get(setId)?.stop(instanceIds);
  }

  async remove(setId: string): Promise<void> {
    await this.#inTurn(async () => {
      const set = this.#sets.get(setId);
      if (!set) return;
      const record = { ...set.record, desired: 0, removing: true };
      await this.#records.write(record);
      set.removing(record);
    });
  }

  onChange(listener: (setId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async readLogs(instanceId: string, fromOffset: number, maxBytes?: number): Promise<LogChunk | undefined> {
    for (const set of this.#sets.values())
      for (const instance of set.instances)
        if (instance.id === instanceId) return instance.log.read(fromOffset, maxBytes);
    return this.#logs.get(instanceId)?.read(fromOffset, maxBytes);
  }

  /** Instances go on without it, unless they are to end with it. */
  async close({ instances }: { instances: 'leave' | 'end' } = { instances: 'leave' }): Promise<void> {
    if (instances === 'end') await this.#endAll();
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const set of this.#sets.values()) await set.release();
    this.#listeners.clear();
    await this.#lock.release();
  }

  get #unpacked(): UnpackedArtifacts {
    if (!this.#artifacts) throw new Error('not open yet');
    return this.#artifacts;
  }

  #lookLater(ms: number): void {
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#look(), ms).unref();
  }

  /** With very many processes it looks less often, rather than to do nothing else. */
  #look(): void {
    const now = performance.now();
    if (this.#sets.size > 0) {
      const index = new ProcessIndex();
      for (const set of this.#sets.values()) set.look(index, now);
    }
    this.#logs
      .tend(now)
      .catch((error: unknown) => this.#options.logger.error(error, 'old logs could not be removed'));
    this.#lookLater(Math.max(this.#options.lookEveryMs, (performance.now() - now) * REST));
  }

  async #adopt(): Promise<void> {
    const { folder, archiveLimits, fetchArtifact } = this.#options;
    for (const record of await this.#records.readAll())
      this.#sets.set(record.setId, new InstanceSet(record, this.#side));
    this.#artifacts = await UnpackedArtifacts.open(
      { folder: join(folder, 'artifacts'), limits: archiveLimits, fetchArtifact },
      digestsOf(this.#sets.values()),
    );
    const known = new Set<string>();
    for (const name of await readdir(this.#side.instancesFolder)) {
      const files = new InstanceFolder(join(this.#side.instancesFolder, name));
      const record = await readInstanceRecord(files.record);
      const set = record && this.#sets.get(record.setId);
      if (set && record.phase !== 'Ended') known.add(name);
      if (record?.phase === 'Ended') await this.#logs.open(name, files);
      else if (!set) await files.remove();
    }
    await this.#endStrangers(known);
    for (const name of known) {
      const record = await readInstanceRecord(
        new InstanceFolder(join(this.#side.instancesFolder, name)).record,
      );
      if (record) await this.#sets.get(record.setId)?.adopt(record);
    }
    for (const set of this.#sets.values()) set.wake();
  }

  /** What was started and never written down, or whose folder is gone. */
  async #endStrangers(known: ReadonlySet<string>): Promise<void> {
    const { marks } = this.#side.world;
    await killAll((index) =>
      [...index.all].filter((entry) => {
        const instanceId = marks.instanceOf(entry);
        return instanceId !== undefined && !known.has(instanceId);
      }),
    );
  }

  /** Unless it was applied anew in the meantime. */
  async #forget(setId: string): Promise<void> {
    await this.#inTurn(async () => {
      const others = [...this.#sets.values()].filter(({ record }) => record.setId !== setId);
      if (!this.#sets.get(setId)?.record.removing) return;
      await this.#records.remove(setId);
      await this.#unpacked.keepOnly(digestsOf(others));
      this.#sets.delete(setId);
    });
    this.#side.changed(setId);
  }

  /** What is written of sets is written in the order in which it was decided. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #endAll(): Promise<void> {
    await Promise.all([...this.#sets.values()].map(({ record }) => this.remove(record.setId)));
    while (this.#sets.size > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await rm(join(this.#options.folder, 'instances'), { recursive: true, force: true });
  }
}

function surroundings(options: ProcessOrchestratorOptions): {
  world: InstanceWorld;
  enforcement: Enforcement;
  users: UserIds | undefined;
} {
  const cgroups = options.cgroup === undefined ? NO_CGROUP : Cgroups.open(options.cgroup);
  const users = UserIds.open(options.userIds, [options.folder, hostEntry, process.execPath]);
  const notes = [cgroups, users].filter((each) => typeof each === 'string');
  const withCgroups = typeof cgroups !== 'string';
  return {
    world: {
      options,
      machine: readMachine(),
      marks: new InstanceMarks(options.folder),
      cgroups: withCgroups ? cgroups : undefined,
    },
    enforcement: {
      memory: withCgroups ? 'kernel' : 'watchdog',
      cpu: withCgroups ? 'kernel' : 'told',
      user: typeof users === 'string' ? 'shared' : 'own',
      notes,
    },
    users: typeof users === 'string' ? undefined : users,
  };
}

const digestsOf = (sets: Iterable<InstanceSet>): ReadonlySet<Digest> =>
  new Set([...sets].map(({ record }) => record.digest));

/** So many times as long as a look took is rested after it, at least. */
const REST = 20;

const NO_CGROUP = 'No control group was given to the platform';
