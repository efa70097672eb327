import { auditSchema } from '@switchyard/audit';
import { eventsSchema } from '@switchyard/events';
import { loadOrCreateKeyring } from '@switchyard/secrets';
import { keyringOptions, runService } from '@switchyard/service';
import { createDeploymentsService } from './create-deployments-service.js';
import { deploymentsTimes } from './deployments-settings.js';
import { openOrchestrator, ownerOf } from './open-orchestrator.js';
import { deploymentsContradictions, deploymentsOptions } from './options.js';
import { registryOutOfReach } from './registry-out-of-reach.js';
import { deploymentsSchema } from './schema.js';

await runService({
  name: 'deployments',
  options: deploymentsOptions.extend(keyringOptions.shape),
  contradictions: [
    ...deploymentsContradictions,
    ({ KEYRING_FILE, INSTANCE_DIR }) =>
      KEYRING_FILE !== undefined && INSTANCE_DIR !== undefined
        ? undefined
        : 'KEYRING_FILE and INSTANCE_DIR are required when the deployments service runs on its own',
  ],
  schemas: [eventsSchema, auditSchema, deploymentsSchema],
  create: async (context, config) => {
    const orchestrator = await openOrchestrator(config, {
      folder: config.INSTANCE_DIR ?? '',
      fetchArtifact: (digest) => registryOutOfReach.fetch(digest),
      logger: context.logger,
    });
    const service = await createDeploymentsService(
      context,
      { keyring: await loadOrCreateKeyring(config.KEYRING_FILE ?? ''), ...deploymentsTimes(config) },
      { registry: registryOutOfReach, orchestrator, ownedBy: ownerOf(config.INSTANCE_DIR ?? '') },
    );
    return {
      ...service,
      // Gateways go on serving instances that outlive this process.
      close: async () => {
        await service.close();
        await orchestrator.close();
      },
    };
  },
});
