import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@switchyard/observability';
import { ProcessOrchestrator } from '../process/process-orchestrator.js';
import {
  processOrchestratorDefaults,
  type ProcessOrchestratorOptions,
} from '../process/process-orchestrator-options.js';
import { TestArtifacts } from './pack-plugin.js';

/** A process orchestrator that looks often and waits little, in a folder of its own. */
export class TestOrchestrator {
  orchestrator!: ProcessOrchestrator;

  private constructor(
    readonly options: ProcessOrchestratorOptions,
    readonly artifacts: TestArtifacts,
  ) {}

  static async open(changes: Partial<ProcessOrchestratorOptions> = {}): Promise<TestOrchestrator> {
    const artifacts = await TestArtifacts.create();
    const test = new TestOrchestrator(
      {
        ...processOrchestratorDefaults,
        logger: createLogger({ level: 'warn' }),
        folder: await mkdtemp(join(tmpdir(), 'instances-')),
        fetchArtifact: async (digest) => artifacts.pathOf(digest),
        runners: new Map(),
        lookEveryMs: 50,
        backoff: { firstMs: 50, mostMs: 200 },
        keepLogsMs: 0,
        ...changes,
      },
      artifacts,
    );
    await test.reopen();
    return test;
  }

  async reopen(): Promise<void> {
    this.orchestrator = await ProcessOrchestrator.open(this.options);
  }

  async close(): Promise<void> {
    await this.orchestrator.close({ instances: 'end' });
    await rm(this.options.folder, { recursive: true });
    await this.artifacts.remove();
  }
}
