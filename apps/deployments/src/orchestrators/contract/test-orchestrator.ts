import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@switchyard/observability';
import { eventually } from '@switchyard/testing';
import type { ObservedInstance, SetSpec } from '../orchestrator.js';
import { ProcessOrchestrator } from '../process/process-orchestrator.js';
import {
  processOrchestratorDefaults,
  type ProcessOrchestratorOptions,
} from '../process/process-orchestrator-options.js';
import { specOf } from './orchestrator-contract.js';
import { TestArtifacts } from './test-artifacts.js';

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
        folder: await realpath(await mkdtemp(join(tmpdir(), 'instances-'))),
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

  /** A set with one instance that has these files, or this code as its only one. */
  async run(
    code: string | Readonly<Record<string, string>>,
    changes: Partial<SetSpec> = {},
  ): Promise<string> {
    const digest = await this.artifacts.pack(typeof code === 'string' ? { 'index.js': code } : code);
    const spec = specOf(digest, changes);
    await this.orchestrator.apply(spec);
    return spec.setId;
  }

  /** The only instance of a set, as soon as it is like that. */
  only(setId: string, like: object): Promise<ObservedInstance> {
    return eventually(async () => {
      const set = (await this.orchestrator.observe()).find((each) => each.setId === setId);
      expect(set!.instances).toMatchObject([like]);
      return set!.instances[0]!;
    });
  }

  async removed(setId: string): Promise<void> {
    await this.orchestrator.remove(setId);
    await eventually(async () =>
      expect((await this.orchestrator.observe()).map((each) => each.setId)).not.toContain(setId),
    );
  }

  async close(): Promise<void> {
    await this.orchestrator.close({ instances: 'end' });
    await rm(this.options.folder, { recursive: true });
    await this.artifacts.remove();
  }
}
