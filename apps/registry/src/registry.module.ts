import type { DynamicModule } from '@nestjs/common';
import { ServiceDatabase } from '@switchyard/database';
import { tenantCopiesController } from '@switchyard/service';
import { Artifacts } from './artifacts/artifacts.js';
import { ArtifactsController } from './artifacts/artifacts.controller.js';
import { DownloadCounter } from './artifacts/download-counter.js';
import { CapabilitiesController } from './capabilities/capabilities.controller.js';
import { DependenciesController } from './dependencies/dependencies.controller.js';
import { FairTurns } from './dependencies/fair-turns.js';
import { Resolver } from './dependencies/resolver.js';
import { InstallationsController } from './installations/installations.controller.js';
import { MarketplaceController } from './marketplace/marketplace.controller.js';
import { ReviewsController } from './marketplace/reviews.controller.js';
import { ChecksController } from './plugins/checks.controller.js';
import { PluginsController } from './plugins/plugins.controller.js';
import { KnownPublishers } from './publishers/known-publishers.js';
import { RegistryOptions } from './registry-options.js';
import { CatalogueReader } from './sight/catalogue-reader.js';
import { SignaturesController } from './signatures/signatures.controller.js';
import { VersionsController } from './versions/versions.controller.js';

export interface RegistryParts {
  database: ServiceDatabase;
  options: RegistryOptions;
  artifacts: Artifacts;
  downloads: DownloadCounter;
  publishers: KnownPublishers;
  resolver: Resolver;
  turns: FairTurns;
}

/** The parts of the registry. */
export class RegistryModule {
  static with(parts: RegistryParts): DynamicModule {
    return {
      module: RegistryModule,
      controllers: [
        PluginsController,
        VersionsController,
        ArtifactsController,
        SignaturesController,
        DependenciesController,
        CapabilitiesController,
        MarketplaceController,
        ReviewsController,
        ChecksController,
        InstallationsController,
        tenantCopiesController('registry'),
      ],
      providers: [
        { provide: ServiceDatabase, useValue: parts.database },
        { provide: RegistryOptions, useValue: parts.options },
        { provide: Artifacts, useValue: parts.artifacts },
        { provide: DownloadCounter, useValue: parts.downloads },
        { provide: KnownPublishers, useValue: parts.publishers },
        { provide: Resolver, useValue: parts.resolver },
        { provide: FairTurns, useValue: parts.turns },
        { provide: CatalogueReader, useValue: new CatalogueReader(parts.database) },
      ],
    };
  }
}
