import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Digest } from '@switchyard/artifacts';
import type { Logger } from '@switchyard/observability';
import type { DeploymentsConfig } from './options.js';
import { ProcessOrchestrator } from './orchestrators/process/process-orchestrator.js';
import { processOrchestratorDefaults } from './orchestrators/process/process-orchestrator-options.js';
import { parseRunners } from './orchestrators/process/runners/parse-runners.js';

export interface OrchestratorPlace {
  readonly folder: string;
  readonly fetchArtifact: (digest: Digest) => Promise<string>;
  readonly logger: Logger;
}

/** Runs instances on this machine. */
export const openOrchestrator = (
  { RUNNERS, INSTANCE_CGROUP }: DeploymentsConfig,
  place: OrchestratorPlace,
): Promise<ProcessOrchestrator> =>
  ProcessOrchestrator.open({
    ...processOrchestratorDefaults,
    ...place,
    runners: parseRunners(RUNNERS ?? ''),
    ...(INSTANCE_CGROUP === undefined ? {} : { cgroup: INSTANCE_CGROUP }),
  });

/** Names the place: a folder of instances on a machine. */
export const ownerOf = (folder: string): string => `${hostname()}:${resolve(folder)}`;
