import type { ServiceDatabase } from '@switchyard/database';
import type { Logger } from '@switchyard/observability';
import type { SmokeTestResult } from '@switchyard/rollout';
import type { SmokeTestTask } from '../reconciling/take-step.js';
import type { World } from '../reconciling/world.js';
import { saveSmokeTests } from '../rollouts/rollout.store.js';
import { askInstance } from './ask-instance.js';

export interface SmokeTestsParts {
  readonly database: ServiceDatabase;
  readonly world: World;
  readonly tested: (deploymentId: string) => void;
  readonly logger: Logger;
}

/** Asks a ready instance of a new set by its own address, before any traffic reaches it. */
export class SmokeTests {
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly parts: SmokeTestsParts) {}

  run(task: SmokeTestTask): void {
    const running = this.test(task)
      .catch((error: unknown) =>
        this.parts.logger.warn(
          { err: error, deploymentId: task.deploymentId },
          'smoke tests were not finished; they are run again',
        ),
      )
      .finally(() => this.running.delete(running));
    this.running.add(running);
  }

  async ended(): Promise<void> {
    await Promise.all(this.running);
  }

  private async test({ deploymentId, fence, setId, endpoints }: SmokeTestTask): Promise<void> {
    const instance = this.parts.world.set(setId)?.instances.find(({ ready }) => ready);
    const results: SmokeTestResult[] = [];
    for (const endpoint of endpoints)
      results.push({
        endpoint,
        ...(instance?.addresses
          ? await askInstance(instance.addresses.data, endpoint)
          : { passed: false, answer: 'no instance was ready' }),
      });
    await this.parts.database.withPlatform('save smoke tests', (tx) =>
      saveSmokeTests(tx, { deploymentId, fence }, results),
    );
    this.parts.tested(deploymentId);
  }
}
