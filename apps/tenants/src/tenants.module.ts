import type { DynamicModule } from '@nestjs/common';
import { ServiceDatabase } from '@switchyard/database';
import { AuditController } from './audit/audit.controller.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { ExchangeController } from './exchange/exchange.controller.js';
import { Exchange } from './exchange/exchange.js';
import { OidcIssuersController } from './outside-issuers/oidc-issuers.controller.js';
import { OutsideKeys } from './outside-issuers/outside-keys.js';
import { Passwords } from './people/passwords.js';
import { TenantUsersController } from './people/tenant-users.controller.js';
import { UsersController } from './people/users.controller.js';
import { PublishersController } from './publishers/publishers.controller.js';
import { RequestedPublishersController } from './publishers/requested-publishers.controller.js';
import { PublisherRobotsController } from './robots/publisher-robots.controller.js';
import { TenantRobotsController } from './robots/tenant-robots.controller.js';
import { AuthenticationController } from './sign-in/authentication.controller.js';
import { SignIn } from './sign-in/sign-in.js';
import { TenantsController } from './tenants/tenants.controller.js';
import { PublisherTrustRulesController } from './trust-rules/publisher-trust-rules.controller.js';
import { TenantTrustRulesController } from './trust-rules/tenant-trust-rules.controller.js';
import { TenantsOptions } from './tenants-options.js';

export interface TenantsParts {
  database: ServiceDatabase;
  passwords: Passwords;
  signIn: SignIn;
  outsideKeys: OutsideKeys;
  exchange: Exchange;
  options: TenantsOptions;
}

/** The parts of the tenants service. */
export class TenantsModule {
  static with({ database, passwords, signIn, outsideKeys, exchange, options }: TenantsParts): DynamicModule {
    return {
      module: TenantsModule,
      controllers: [
        AuthenticationController,
        UsersController,
        TenantUsersController,
        TenantRobotsController,
        PublishersController,
        RequestedPublishersController,
        PublisherRobotsController,
        OidcIssuersController,
        PublisherTrustRulesController,
        TenantTrustRulesController,
        ExchangeController,
        TenantsController,
        AuditController,
        DeadLettersController,
      ],
      providers: [
        { provide: ServiceDatabase, useValue: database },
        { provide: Passwords, useValue: passwords },
        { provide: SignIn, useValue: signIn },
        { provide: OutsideKeys, useValue: outsideKeys },
        { provide: Exchange, useValue: exchange },
        { provide: TenantsOptions, useValue: options },
      ],
    };
  }
}
