import { ResolvePool } from '@switchyard/dependencies';
import { createService, type Service, type ServiceContext } from '@switchyard/service';
import type { Artifacts } from './artifacts/artifacts.js';
import { DownloadCounter } from './artifacts/download-counter.js';
import { RegistryDoor } from './deploying/registry-door.js';
import { serveDoor } from './deploying/serve-door.js';
import { FairTurns } from './dependencies/fair-turns.js';
import { Resolver } from './dependencies/resolver.js';
import { Housekeeping } from './housekeeping.js';
import { KnownPublishers } from './publishers/known-publishers.js';
import type { RegistryOptions } from './registry-options.js';
import { RegistryModule } from './registry.module.js';

/** The one worker takes 5 seconds for the hardest: nobody waits longer than a gateway does. */
const turnLimits = { perCaller: 8, inTotal: 64, longestWaitMs: 20_000 };

export interface RegistryService extends Service {
  /** For a deployments service in this process. */
  readonly door: RegistryDoor;
}

/** The registry: plugins, versions, artefacts, capabilities, dependencies and the marketplace. */
export async function createRegistryService(
  context: ServiceContext,
  options: RegistryOptions,
  artifacts: Artifacts,
): Promise<RegistryService> {
  const { database, logger, verifyPeer } = context;
  const downloads = new DownloadCounter(database, logger);
  const publishers = new KnownPublishers(context.runtime.follow);
  const pool = new ResolvePool();
  const resolver = new Resolver(pool, options);
  const turns = new FairTurns(turnLimits);
  const door = new RegistryDoor({ database, store: artifacts.store, resolver, turns });
  const housekeeping = new Housekeeping({ database, artifacts, downloads, options, logger });
  const service = await createService({
    name: 'registry',
    module: RegistryModule.with({ database, options, artifacts, downloads, publishers, resolver, turns }),
    logger,
    database,
    events: context.events,
    verifyIdentity: context.verifyIdentity,
    door: verifyPeer && serveDoor(door, verifyPeer),
    readiness: async () => [await database.readiness()],
  });
  housekeeping.start();
  return {
    ...service,
    door,
    async close() {
      await service.close();
      await housekeeping.stop();
      publishers.stop();
      await pool.close();
    },
  };
}
