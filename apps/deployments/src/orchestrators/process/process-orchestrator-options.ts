import type { ArchiveLimits, Digest } from '@switchyard/artifacts';
import type { Logger } from '@switchyard/observability';
import type { Backoff } from './instances/crash-backoff.js';
import type { LogLimits } from './logs/instance-log.js';
import type { RunnerCommand } from './runners/parse-runners.js';

export interface ProcessOrchestratorOptions {
  readonly logger: Logger;
  /**
   * Everything of it lies there. For users of their own, every folder on the way has to let them through (`chmod o+x`), and so
   * does the one that this code lies in.
   */
  readonly folder: string;
  /** The artefact's archive as a file, which stays until the promise's user has unpacked it. */
  readonly fetchArtifact: (digest: Digest) => Promise<string>;
  readonly runners: ReadonlyMap<string, RunnerCommand>;
  /** The PATH of instances, and where a runner's command is looked for. */
  readonly path: string;
  readonly archiveLimits: ArchiveLimits;
  /** One is given to each instance while this process is root. */
  readonly userIds: { readonly from: number; readonly to: number };
  /** A folder of the control group hierarchy (version 2) that was given to this process. */
  readonly cgroup?: string;
  /** From SIGTERM to SIGKILL. */
  readonly stopGraceMs: number;
  /** What has not become ready until then is killed and counts as a crash. */
  readonly startTimeoutMs: number;
  readonly backoff: Backoff;
  /** After so long without one, crashes are counted from 0 again. */
  readonly stableAfterMs: number;
  /** Between two looks at processes, memory and logs. */
  readonly lookEveryMs: number;
  /** Over which cores in use are averaged. */
  readonly cpuWindowMs: number;
  readonly logs: LogLimits;
  /** How long the log of an instance that has ended can still be read. */
  readonly keepLogsMs: number;
  /** The largest file that an instance may write, its log included while nobody cuts it. */
  readonly maxFileBytes: number;
  readonly maxProcesses: number;
}

const MB = 1024 * 1024;

export const processOrchestratorDefaults = {
  path: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  archiveLimits: {
    maxEntries: 100_000,
    maxUnpackedBytes: 4096 * MB,
    maxEntryBytes: 1024 * MB,
    maxRatio: 200,
    maxPathBytes: 1024,
    maxDepth: 64,
    maxManifestBytes: MB / 4,
  },
  userIds: { from: 50_000, to: 59_999 },
  stopGraceMs: 10_000,
  startTimeoutMs: 60_000,
  backoff: { firstMs: 1000, mostMs: 60_000 },
  stableAfterMs: 60_000,
  lookEveryMs: 500,
  cpuWindowMs: 10_000,
  logs: { maxBytes: 4 * MB, olderParts: 2 },
  keepLogsMs: 60_000,
  maxFileBytes: 1024 * MB,
  maxProcesses: 256,
} as const satisfies Partial<ProcessOrchestratorOptions>;
