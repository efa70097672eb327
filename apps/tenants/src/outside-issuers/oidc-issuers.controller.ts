import { Controller, Inject } from '@nestjs/common';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { AppError, notFound } from '@switchyard/errors';
import { Handles, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { TenantsOptions } from '../tenants-options.js';
import {
  createOidcIssuer,
  oidcIssuerView,
  removeOidcIssuer,
  updateOidcIssuer,
} from './oidc-issuer-operations.js';
import { findOidcIssuer, listOidcIssuerRows } from './oidc-issuer.store.js';
import { OutsideKeys } from './outside-keys.js';

@Controller()
export class OidcIssuersController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(OutsideKeys) private readonly keys: OutsideKeys,
    @Inject(TenantsOptions) private readonly options: TenantsOptions,
  ) {}

  @Handles(routes.createOidcIssuer)
  async create(
    @Input() { body, call, setVersion }: HandlerInput<typeof routes.createOidcIssuer>,
  ): HandlerOutput<typeof routes.createOidcIssuer> {
    await this.mustAnswer(body.issuer);
    const row = await this.database.withPlatform('create an outside issuer', (tx) =>
      createOidcIssuer(tx, call, body),
    );
    setVersion(row.version);
    return oidcIssuerView(row);
  }

  @Handles(routes.listOidcIssuers)
  async list(
    @Input() { query }: HandlerInput<typeof routes.listOidcIssuers>,
  ): HandlerOutput<typeof routes.listOidcIssuers> {
    const { rows, ...page } = await this.database.withPlatform('list outside issuers', (tx) =>
      listOidcIssuerRows(tx, query),
    );
    return { issuers: rows.map(oidcIssuerView), ...page };
  }

  @Handles(routes.getOidcIssuer)
  async get(
    @Input() { params, setVersion }: HandlerInput<typeof routes.getOidcIssuer>,
  ): HandlerOutput<typeof routes.getOidcIssuer> {
    const row = await this.database.withPlatform('get an outside issuer', (tx) =>
      findOidcIssuer(tx, params.issuerId),
    );
    if (!row) throw notFound('Outside issuer', params.issuerId);
    setVersion(row.version);
    return oidcIssuerView(row);
  }

  @Handles(routes.updateOidcIssuer)
  async update(
    @Input() { params, body, call, ifMatch, setVersion }: HandlerInput<typeof routes.updateOidcIssuer>,
  ): HandlerOutput<typeof routes.updateOidcIssuer> {
    const { clock, accessTokenSeconds } = this.options;
    const row = await this.database.withPlatform('change an outside issuer', (tx) =>
      updateOidcIssuer(tx, call, params.issuerId, body, { clock, accessTokenSeconds, ifMatch }),
    );
    setVersion(row.version);
    return oidcIssuerView(row);
  }

  @Handles(routes.deleteOidcIssuer)
  async delete(
    @Input() { params, call }: HandlerInput<typeof routes.deleteOidcIssuer>,
  ): HandlerOutput<typeof routes.deleteOidcIssuer> {
    const row = await this.database.withPlatform('delete an outside issuer', (tx) =>
      removeOidcIssuer(tx, call, params.issuerId, this.options),
    );
    this.keys.forget(row.issuer);
  }

  /** A mistyped address is told to whoever typed it, not to the first CI job. */
  private async mustAnswer(issuer: string): Promise<void> {
    try {
      await this.keys.discover(issuer);
    } catch (error) {
      this.keys.forget(issuer);
      const { message } = error as Error;
      throw new AppError('VALIDATION_ERROR', `The issuer cannot be used: ${message}`, {
        details: [{ field: 'issuer', message, received: issuer }],
        cause: error,
      });
    }
  }
}
