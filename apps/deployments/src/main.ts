import { join } from 'node:path';
import { auditSchema } from '@switchyard/audit';
import { PeerIssuer } from '@switchyard/auth';
import { eventsSchema } from '@switchyard/events';
import { loadOrCreateKeyring } from '@switchyard/secrets';
import { announceIdentityKey, keyringOptions, runService } from '@switchyard/service';
import { createDeploymentsService } from './create-deployments-service.js';
import { deploymentsTimes } from './deployments-settings.js';
import { openOrchestrator, ownerOf } from './open-orchestrator.js';
import { deploymentsContradictions, deploymentsOptions, registryAddressOptions } from './options.js';
import { FetchedArtifacts } from './registry/fetched-artifacts.js';
import { HttpRegistryDoor } from './registry/http-registry-door.js';
import { deploymentsSchema } from './schema.js';

await runService({
  name: 'deployments',
  options: deploymentsOptions.extend({ ...keyringOptions.shape, ...registryAddressOptions.shape }),
  contradictions: [
    ...deploymentsContradictions,
    ({ KEYRING_FILE, INSTANCE_DIR }) =>
      KEYRING_FILE !== undefined && INSTANCE_DIR !== undefined
        ? undefined
        : 'KEYRING_FILE and INSTANCE_DIR are required when the deployments service runs on its own',
  ],
  schemas: [eventsSchema, auditSchema, deploymentsSchema],
  create: async (context, config) => {
    const folder = config.INSTANCE_DIR ?? '';
    const { database, clock, logger } = context;
    const announced = await announceIdentityKey(database, clock, logger);
    const identities = new PeerIssuer({ service: 'deployments', signingKey: () => announced.key, clock });
    const registry = new HttpRegistryDoor({ url: config.REGISTRY_URL, identities });
    const fetched = new FetchedArtifacts(registry, join(folder, 'fetched'));
    const orchestrator = await openOrchestrator(config, {
      folder,
      fetchArtifact: (digest) => fetched.fetch(digest),
      logger,
    });
    const service = await createDeploymentsService(
      context,
      { keyring: await loadOrCreateKeyring(config.KEYRING_FILE ?? ''), ...deploymentsTimes(config) },
      { registry, orchestrator, ownedBy: ownerOf(folder) },
    );
    return {
      ...service,
      // Gateways go on serving instances that outlive this process.
      close: async () => {
        await service.close();
        await orchestrator.close();
        await registry.close();
        await announced.withdraw();
      },
    };
  },
});
