import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createGateway, inProcessUpstream, type Gateway } from '@switchyard/app-gateway';
import {
  createDeploymentsService,
  deploymentsTimes,
  FetchedArtifacts,
  openOrchestrator,
  ownerOf,
} from '@switchyard/app-deployments';
import { createHealthService, healthSettings } from '@switchyard/app-health';
import { createRegistryService, openArtifacts, registrySettings } from '@switchyard/app-registry';
import { createTenantsService, tenantsSettings } from '@switchyard/app-tenants';
import { services, startEmbeddedPostgres, type ServiceName } from '@switchyard/database';
import { createLogger } from '@switchyard/observability';
import { loadOrCreateKeyring } from '@switchyard/secrets';
import { openListener, openProcess, type Closing, type ServiceContext } from '@switchyard/service';
import { demoAdmin } from './demo/demo-accounts.js';
import { firstDemo } from './demo/first-demo.js';
import { openHome } from './home.js';
import { isLoopback, type PlatformConfig } from './options.js';
import { schemas } from './schemas.js';
import { welcome } from './welcome.js';

export interface Platform {
  url: string;
  welcome(milliseconds: number): string;
  /** What a newcomer is shown while the platform runs: it says what happens, and ends when the platform does. */
  demonstrate(say: (line: string) => void): void;
}

/** Everything in one process: PostgreSQL from npm unless one is given, the services, and the gateway before them. */
export async function startPlatform(
  config: PlatformConfig,
  progress: (step: string) => void,
  closing: Closing,
): Promise<Platform> {
  const clock = Date.now;
  const logger = createLogger({ level: config.LOG_LEVEL });
  const home = await openHome(resolve(config.SWITCHYARD_HOME));
  closing(() => home.release());
  const databaseUrl = config.DATABASE_URL ?? (await embedded(home.path('postgres'), progress, closing));
  const keyring = await loadOrCreateKeyring(config.KEYRING_FILE ?? home.path('keyring.json'));
  progress('bringing the database up to date');
  const opened = await openProcess({
    config: { ...config, DATABASE_URL: databaseUrl },
    services,
    schemas,
    logger,
  });
  closing(() => opened.close());
  progress('starting the services');
  await opened.runtime.start();
  const contextOf = (service: ServiceName): ServiceContext => ({
    database: opened.databaseOf(service),
    runtime: opened.runtime,
    events: opened.eventsOf(service),
    logger: logger.child({ service }),
    clock,
  });
  const artifacts = await openArtifacts(config, config.ARTIFACT_DIR ?? home.path('artifacts'));
  const registry = await createRegistryService(
    contextOf('registry'),
    registrySettings(config, clock),
    artifacts,
  );
  closing(() => registry.close());
  const fetched = new FetchedArtifacts(registry.door, home.path('fetched'));
  const instances = config.INSTANCE_DIR ?? home.path('run');
  const orchestrator = await openOrchestrator(config, {
    folder: instances,
    fetchArtifact: (digest) => fetched.fetch(digest),
    logger: logger.child({ service: 'deployments' }),
  });
  // Who stops everything wants no process left; what a crash leaves running is taken over by the next start.
  closing(() => orchestrator.close({ instances: 'end' }));
  const demo = config.DEMO !== 'off' && isLoopback(config.HOST) && config.ADMIN_USERNAME === undefined;
  const [tenants, deployments, health] = await Promise.all([
    createTenantsService(
      contextOf('tenants'),
      tenantsSettings(config, { keyring, clock, demoAdmin: demo ? { ...demoAdmin, demo: true } : undefined }),
    ),
    createDeploymentsService(
      contextOf('deployments'),
      { keyring, ...deploymentsTimes(config) },
      { registry: registry.door, orchestrator, ownedBy: ownerOf(instances) },
    ),
    createHealthService(contextOf('health'), healthSettings(config, clock)),
  ]);
  closing(async () => {
    await Promise.all([tenants, deployments, health].map((service) => service.close()));
  });
  const gateway = await createGateway({
    config: { ...config, GATEWAY_STATE_DIR: config.GATEWAY_STATE_DIR ?? home.path('gateway') },
    runtime: opened.runtime,
    database: opened.databaseOf('gateway'),
    upstreams: {
      tenants: inProcessUpstream(tenants),
      registry: inProcessUpstream(registry),
      deployments: inProcessUpstream(deployments),
      health: inProcessUpstream(health),
    },
    samples: { sink: { send: (batch) => health.takeSamples(batch) } },
    clock,
    logger: logger.child({ service: 'gateway' }),
  });
  closing(() => gateway.close());
  await complete(gateway);
  const url = await openListener('PORT', () => gateway.listen(config.HOST, config.PORT));
  return {
    url,
    welcome: (milliseconds) => welcome({ url, demo: demo ? demoAdmin : undefined, milliseconds }),
    demonstrate: (say) => {
      if (!demo || config.DEMO !== 'on') return;
      const stopping = new AbortController();
      const shown = firstDemo(url, say, stopping.signal).catch((error: unknown) => {
        if (!stopping.signal.aborted) say(`could not be shown: ${(error as Error).message}`);
      });
      closing(() => {
        stopping.abort();
        return shown;
      });
    },
  };
}

/** Who signs in as soon as we say that we are ready shall not meet a gateway that has not read the keys. */
async function complete({ known }: Gateway): Promise<void> {
  for (const until = Date.now() + 10_000; !known.complete && Date.now() < until;) await setTimeout(10);
}

async function embedded(folder: string, progress: (step: string) => void, closing: Closing): Promise<string> {
  const postgres = await startEmbeddedPostgres({ folder, onProgress: progress });
  closing(() => postgres.stop());
  return postgres.url;
}
