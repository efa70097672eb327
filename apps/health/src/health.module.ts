import type { DynamicModule } from '@nestjs/common';
import { ServiceDatabase } from '@switchyard/database';
import { tenantCopiesController } from '@switchyard/service';
import { DeploymentsController } from './deployments/deployments.controller.js';
import { HealthOptions } from './health-options.js';
import { Prober } from './probes/prober.js';
import { KnownSets } from './sets/known-sets.js';
import { PurgeController } from './tenants/purge.controller.js';

export interface HealthParts {
  database: ServiceDatabase;
  options: HealthOptions;
  known: KnownSets;
  prober: Prober;
}

/** The parts of the health service. */
export class HealthModule {
  static with(parts: HealthParts): DynamicModule {
    return {
      module: HealthModule,
      controllers: [DeploymentsController, PurgeController, tenantCopiesController('health')],
      providers: [
        { provide: ServiceDatabase, useValue: parts.database },
        { provide: HealthOptions, useValue: parts.options },
        { provide: KnownSets, useValue: parts.known },
        { provide: Prober, useValue: parts.prober },
      ],
    };
  }
}
