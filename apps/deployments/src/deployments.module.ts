import type { DynamicModule } from '@nestjs/common';
import { ServiceDatabase } from '@switchyard/database';
import { tenantCopiesController } from '@switchyard/service';
import { Acceptor } from './accepting/acceptor.js';
import { ApprovalPolicyController } from './approvals/approval-policy.controller.js';
import { DeploymentsSettings } from './deployments-settings.js';
import { TenantPluginsController } from './installations/tenant-plugins.controller.js';
import { DependencyValidator } from './planning/dependency-validator.js';
import { Planner } from './planning/planner.js';
import { PlanningController } from './planning/planning.controller.js';
import { Reconciler } from './reconciling/reconciler.js';
import { World } from './reconciling/world.js';
import { DeploymentsController } from './rollouts/deployments.controller.js';
import { PurgeController } from './purge/purge.controller.js';
import { SecretsController } from './secrets/secrets.controller.js';

export interface DeploymentsModuleParts {
  database: ServiceDatabase;
  settings: DeploymentsSettings;
  acceptor: Acceptor;
  planner: Planner;
  validator: DependencyValidator;
  world: World;
  reconciler: Reconciler;
}

/** The parts of the deployments service. */
export class DeploymentsModule {
  static with(parts: DeploymentsModuleParts): DynamicModule {
    return {
      module: DeploymentsModule,
      controllers: [
        DeploymentsController,
        ApprovalPolicyController,
        TenantPluginsController,
        PlanningController,
        SecretsController,
        PurgeController,
        tenantCopiesController('deployments'),
      ],
      providers: [
        { provide: ServiceDatabase, useValue: parts.database },
        { provide: DeploymentsSettings, useValue: parts.settings },
        { provide: Acceptor, useValue: parts.acceptor },
        { provide: Planner, useValue: parts.planner },
        { provide: DependencyValidator, useValue: parts.validator },
        { provide: World, useValue: parts.world },
        { provide: Reconciler, useValue: parts.reconciler },
      ],
    };
  }
}
