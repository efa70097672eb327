import type { SchemaMigrations } from '@switchyard/database';
import { CreateDependencies1797000000000 } from './migrations/1797000000000-create-dependencies.js';
import { CreateDeployments1795240000000 } from './migrations/1795240000000-create-deployments.js';
import { CreateApprovals1797100000000 } from './migrations/1797100000000-create-approvals.js';
import { LinkRetries1797200000000 } from './migrations/1797200000000-link-retries.js';
import { CreateRollouts1796000000000 } from './migrations/1796000000000-create-rollouts.js';

export const deploymentsSchema: SchemaMigrations = {
  schema: 'deployments',
  migrations: [
    CreateDeployments1795240000000,
    CreateRollouts1796000000000,
    CreateDependencies1797000000000,
    CreateApprovals1797100000000,
    LinkRetries1797200000000,
  ],
};
