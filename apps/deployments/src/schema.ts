import type { SchemaMigrations } from '@switchyard/database';
import { CreateDependencies1797000000000 } from './migrations/1797000000000-create-dependencies.js';
import { CreateDeployments1795240000000 } from './migrations/1795240000000-create-deployments.js';
import { CreateRollouts1796000000000 } from './migrations/1796000000000-create-rollouts.js';

export const deploymentsSchema: SchemaMigrations = {
  schema: 'deployments',
  migrations: [CreateDeployments1795240000000, CreateRollouts1796000000000, CreateDependencies1797000000000],
};
