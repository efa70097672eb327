import type { SetSpec } from '../../orchestrator.js';
import type { ProcessOrchestratorOptions } from '../process-orchestrator-options.js';
import type { Cgroups } from '../system/cgroups.js';
import type { Machine } from '../system/machine.js';
import type { InstanceMarks } from './instance-marks.js';

/** What all instances have around them. */
export interface InstanceWorld {
  readonly options: ProcessOrchestratorOptions;
  readonly machine: Machine;
  readonly marks: InstanceMarks;
  readonly cgroups: Cgroups | undefined;
}

/** What its set tells an instance, and is told by it. */
export interface InstanceSide {
  /** `undefined` after a restart of the platform, until the set is applied again: settings are never kept. */
  readonly spec: () => SetSpec | undefined;
  readonly maxMemoryMB: () => number;
  readonly maxCpu: () => number;
  /** Where the plugin lies. */
  readonly root: () => Promise<string>;
  readonly changed: () => void;
  /** It has ended as it was asked to, and only its log is left. */
  readonly ended: () => void;
}
