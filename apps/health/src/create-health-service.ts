import type { SampleBatch } from '@switchyard/contracts';
import { createService, type Service, type ServiceContext } from '@switchyard/service';
import type { HealthOptions } from './health-options.js';
import { HealthWork, type HealthTiming } from './health-work.js';
import { HealthModule } from './health.module.js';
import { Housekeeping } from './housekeeping.js';
import { serveSamples } from './samples/internal-samples.js';

export interface HealthService extends Service {
  /** Counts what a gateway in this process saw; rejects when it was not written, and then it is sent again. */
  takeSamples(batch: SampleBatch): Promise<void>;
}

/** The health service: samples, checks, verdicts and their history. */
export async function createHealthService(
  context: ServiceContext,
  options: HealthOptions,
  timing?: HealthTiming,
): Promise<HealthService> {
  const { database, logger } = context;
  const work = new HealthWork(context, options, timing);
  const housekeeping = new Housekeeping(database, options, logger);
  const takeSamples = (batch: SampleBatch) => work.takeSamples(batch);
  const service = await createService({
    name: 'health',
    module: HealthModule.with({ database, options, known: work.known, prober: work.prober }),
    logger,
    database,
    events: context.events,
    verifyIdentity: context.verifyIdentity,
    internal: serveSamples(takeSamples),
    readiness: async () => [await database.readiness()],
  });
  await work.start();
  housekeeping.start();
  return {
    ...service,
    takeSamples,
    async close() {
      await service.close();
      await housekeeping.stop();
      await work.stop();
    },
  };
}
