import type { Digest } from '@switchyard/artifacts';

/**
 * What runs instances. Everything it is told is recorded before it answers and happens afterwards: `observe` shows how far
 * it is, and telling it the same again changes nothing.
 */
export interface Orchestrator {
  readonly kind: 'process' | 'kubernetes' | 'fake';
  /** Whether it could run this, and who holds an instance to its limits; or what is missing and what to configure. */
  supports(runtime: Runtime, resources: Resources): Support;
  /**
   * Keeps `desired` instances of the set running: starts missing ones, restarts crashed ones. It never stops one: fewer
   * are wanted first here and then ended by name with `stop`. Throws `SetChangedError` for another artefact or runtime
   * under a known id.
   */
  apply(spec: SetSpec): Promise<void>;
  observe(): Promise<readonly ObservedSet[]>;
  /** Graceful, then hard. One that the desired count still asks for is replaced by a new one. Unknown ids are gone already. */
  stop(setId: string, instanceIds: readonly string[]): Promise<void>;
  /** Ends all its instances, and then the set and what only it needed is gone from `observe` and from the disk. */
  remove(setId: string): Promise<void>;
  /** Only a hint to look: some may be missing, and some may say nothing new. Answers how to stop listening. */
  onChange(listener: (setId: string) => void): () => void;
  /** What the instance wrote to stdout and stderr, from that offset on; `undefined` when nobody knows the instance. */
  readLogs(instanceId: string, fromOffset: number, maxBytes?: number): Promise<LogChunk | undefined>;
}

export interface Runtime {
  readonly type: string;
  readonly version: string;
}

/** Of one instance. */
export interface Resources {
  readonly minCpu: number;
  readonly maxCpu: number;
  readonly minMemoryMB: number;
  readonly maxMemoryMB: number;
}

export type Support =
  | { readonly supported: true; readonly runner: string; readonly enforcement: Enforcement }
  | { readonly supported: false; readonly missing: string; readonly fix: string };

/** `kernel`: it cannot exceed it. `watchdog`: it is killed a moment after. `told`: it shows in `observe` and nothing else. */
export interface Enforcement {
  readonly memory: 'kernel' | 'watchdog';
  readonly cpu: 'kernel' | 'told';
  /** Whether another instance's files and processes are out of its reach. */
  readonly user: 'own' | 'shared';
  /** Why it is no more than that, each a sentence. */
  readonly notes: readonly string[];
}

export interface SetSpec {
  readonly setId: string;
  readonly desired: number;
  readonly tenantId: string;
  readonly environment: string;
  readonly pluginId: string;
  readonly version: string;
  readonly digest: Digest;
  readonly runtime: Runtime;
  readonly resources: Resources;
  /** The file to start, from the artefact's root; for Node, package.json's when it is left out. */
  readonly entry?: string;
  /** With all secrets in their places. It reaches the instances that start from now on, and never the disk. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly permissions?: readonly string[];
}

export interface ObservedSet {
  readonly setId: string;
  readonly digest: Digest;
  readonly desired: number;
  readonly removing: boolean;
  /** Why none of its instances can start, such as an artefact that cannot be had; it is tried again. */
  readonly problem?: string;
  readonly instances: readonly ObservedInstance[];
}

/** `Crashed` waits out its backoff and then is `Starting` again under the same id. What has stopped is not shown. */
export const instanceStates = ['Starting', 'Ready', 'Stopping', 'Crashed'] as const;
export type InstanceState = (typeof instanceStates)[number];

export interface ObservedInstance {
  readonly instanceId: string;
  readonly state: InstanceState;
  /** Only in state `Ready`. */
  readonly ready: boolean;
  /** Why it is not ready, or what is wrong with it though it is. */
  readonly reason?: string;
  /** Ends that nobody asked for, since the instance exists. */
  readonly crashes: number;
  readonly restarts: number;
  readonly lastExit?: Exit;
  /** When a crashed one starts again. */
  readonly restartsAt?: Date;
  readonly addresses?: InstanceAddresses;
  readonly pid?: number;
  readonly startedAt?: Date;
  readonly usage?: Usage;
}

export interface Exit {
  readonly at: Date;
  /** Both `null` when it ended while nobody was its parent. */
  readonly code: number | null;
  readonly signal: string | null;
  /** One sentence, such as `was killed: 140 MB of memory, 128 MB allowed`. */
  readonly reason: string;
}

export interface InstanceAddresses {
  /** For the gateway alone. */
  readonly data: DataAddress;
  /** For the platform alone; a runner's command may leave it out. */
  readonly protocol?: { readonly socketPath: string };
}

export type DataAddress =
  { readonly socketPath: string } | { readonly host: '127.0.0.1'; readonly port: number };

/** Of the instance with all its child processes, read from the system. */
export interface Usage {
  readonly at: Date;
  /** Cores, over the last few seconds. */
  readonly cpu: number;
  readonly memoryMB: number;
  /** It has used more than its maximum for a while. */
  readonly cpuOverMax: boolean;
}

/** Offsets count all bytes the instance ever wrote. */
export interface LogChunk {
  readonly bytes: Buffer;
  readonly nextOffset: number;
  /** Bytes from `fromOffset` on that are not there any more: it wrote faster than they were read. */
  readonly dropped: number;
}
