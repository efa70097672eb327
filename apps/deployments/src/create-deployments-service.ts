import { createService, type Service, type ServiceContext } from '@switchyard/service';
import { Acceptor } from './accepting/acceptor.js';
import { ApprovalExpiry } from './approvals/approval-expiry.js';
import type { DeploymentsSettings } from './deployments-settings.js';
import { DeploymentsModule } from './deployments.module.js';
import type { Orchestrator } from './orchestrators/orchestrator.js';
import { DependencyValidator } from './planning/dependency-validator.js';
import { Planner } from './planning/planner.js';
import { ExclusiveOwnership, shared } from './reconciling/ownership.js';
import { Reconciler } from './reconciling/reconciler.js';
import { World } from './reconciling/world.js';
import type { RegistryDoor } from './registry-door.js';
import { ReleaseKeeper } from './releases/release-keeper.js';
import { SetKeeper } from './sets/set-keeper.js';
import { SetPublisher } from './sets/set-publisher.js';
import { SmokeTests } from './smoke-tests/smoke-tests.js';

export interface DeploymentsParts {
  registry: RegistryDoor;
  orchestrator: Orchestrator;
  /** The place where instances run, when only who is there can look after them. */
  ownedBy?: string;
}

/** The deployments service: installations, deployments and what runs. */
export async function createDeploymentsService(
  context: ServiceContext,
  settings: DeploymentsSettings,
  parts: DeploymentsParts,
): Promise<Service> {
  const { registry, orchestrator } = parts;
  const { database, logger, runtime } = context;
  const { keyring, drainMs, resyncMs, approvalMs } = settings;
  const world: World = new World(orchestrator, runtime.follow, {
    sets: (ids) => reconciler.hints.sets(ids),
    gateways: () => reconciler.hints.gateways(),
  });
  const publisher = new SetPublisher(database, world);
  const keeper = new SetKeeper({ database, orchestrator, world, publisher, keyring, logger, drainMs });
  const tested = (deploymentId: string): void => reconciler.hints.deployments([deploymentId]);
  const smokeTests = new SmokeTests({ database, world, tested, logger });
  const releases = new ReleaseKeeper({ database, registry, logger });
  const reconciler: Reconciler = new Reconciler({
    database,
    world,
    ownership:
      parts.ownedBy === undefined
        ? shared
        : new ExclusiveOwnership(database, orchestrator.kind, parts.ownedBy),
    keeper,
    releases,
    smokeTests,
    logger,
    resyncMs,
  });
  const acceptor = new Acceptor({ database, registry, orchestrator, keyring, logger, approvalMs });
  const planner = new Planner({ database, registry, orchestrator, keyring });
  const validator = new DependencyValidator({ database, registry });
  const expiry = new ApprovalExpiry({
    database,
    ended: (ids) => reconciler.hints.deployments(ids),
    logger,
    everyMs: resyncMs,
  });
  const service = await createService({
    name: 'deployments',
    module: DeploymentsModule.with({
      database,
      settings,
      acceptor,
      planner,
      validator,
      world,
      reconciler,
    }),
    logger,
    database,
    events: context.events,
    verifyIdentity: context.verifyIdentity,
    readiness: async () => [await database.readiness()],
  });
  world.start();
  reconciler.start();
  expiry.start();
  return {
    ...service,
    async close() {
      await service.close();
      await expiry.stop();
      await reconciler.stop();
      await smokeTests.ended();
      world.stop();
    },
  };
}
