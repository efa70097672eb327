export { createDeploymentsService, type DeploymentsParts } from './create-deployments-service.js';
export { deploymentsTimes, type DeploymentsSettings } from './deployments-settings.js';
export { FetchedArtifacts } from './registry/fetched-artifacts.js';
export { openOrchestrator, ownerOf } from './open-orchestrator.js';
export { deploymentsContradictions, deploymentsOptions, registryAddressOptions } from './options.js';
export { deploymentsSchema } from './schema.js';
