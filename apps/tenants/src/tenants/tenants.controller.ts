import { Controller, Inject } from '@nestjs/common';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { notFound } from '@switchyard/errors';
import { Handles, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { TenantsOptions } from '../tenants-options.js';
import { commandTenant, createTenant, setArtifactPolicy, updateTenant } from './tenant-operations.js';
import { countPeople, findTenant, listTenantRows, type TenantRow } from './tenant.store.js';
import { tenantMetrics, tenantSummary, tenantView } from './tenant-views.js';

@Controller()
export class TenantsController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(TenantsOptions) private readonly options: TenantsOptions,
  ) {}

  @Handles(routes.createTenant)
  async create(
    @Input() { body, call, setVersion }: HandlerInput<typeof routes.createTenant>,
  ): HandlerOutput<typeof routes.createTenant> {
    const row = await this.database.withPlatform('create a tenant', (tx) => createTenant(tx, call, body));
    setVersion(row.version);
    return tenantView(row);
  }

  @Handles(routes.listTenants)
  async list(
    @Input() { query }: HandlerInput<typeof routes.listTenants>,
  ): HandlerOutput<typeof routes.listTenants> {
    const { rows, ...page } = await this.database.withPlatform('list tenants', (tx) =>
      listTenantRows(tx, query, query),
    );
    return { tenants: rows.map(tenantSummary), ...page };
  }

  @Handles(routes.getTenant)
  async get(
    @Input() { params, setVersion }: HandlerInput<typeof routes.getTenant>,
  ): HandlerOutput<typeof routes.getTenant> {
    const row = await this.find(params.tenantId);
    setVersion(row.version);
    return tenantView(row);
  }

  @Handles(routes.updateTenant)
  async update(
    @Input() { params, body, call, ifMatch, setVersion }: HandlerInput<typeof routes.updateTenant>,
  ): HandlerOutput<typeof routes.updateTenant> {
    const row = await this.database.withTenant(params.tenantId, (tx) =>
      updateTenant(tx, call, params.tenantId, body, ifMatch),
    );
    setVersion(row.version);
    return tenantView(row);
  }

  @Handles(routes.getArtifactPolicy)
  async artifactPolicy(
    @Input() { params }: HandlerInput<typeof routes.getArtifactPolicy>,
  ): HandlerOutput<typeof routes.getArtifactPolicy> {
    const row = await this.find(params.tenantId);
    return { tenantId: row.tenant_id, requireSignedVersions: row.require_signed_versions };
  }

  @Handles(routes.setArtifactPolicy)
  async setArtifactPolicy(
    @Input() { params, body, call }: HandlerInput<typeof routes.setArtifactPolicy>,
  ): HandlerOutput<typeof routes.setArtifactPolicy> {
    const row = await this.database.withTenant(params.tenantId, (tx) =>
      setArtifactPolicy(tx, call, params.tenantId, body),
    );
    return { tenantId: row.tenant_id, requireSignedVersions: row.require_signed_versions };
  }

  @Handles(routes.suspendTenant)
  async suspend(
    @Input() { params, body, call }: HandlerInput<typeof routes.suspendTenant>,
  ): HandlerOutput<typeof routes.suspendTenant> {
    const { tenantId } = params;
    return tenantView(
      await this.database.withTenant(tenantId, (tx) => commandTenant(tx, call, tenantId, 'suspend', body)),
    );
  }

  @Handles(routes.resumeTenant)
  async resume(
    @Input() { params, call }: HandlerInput<typeof routes.resumeTenant>,
  ): HandlerOutput<typeof routes.resumeTenant> {
    const { tenantId } = params;
    return tenantView(
      await this.database.withTenant(tenantId, (tx) => commandTenant(tx, call, tenantId, 'resume')),
    );
  }

  @Handles(routes.deleteTenant)
  async delete(
    @Input() { params, call }: HandlerInput<typeof routes.deleteTenant>,
  ): HandlerOutput<typeof routes.deleteTenant> {
    const { tenantId } = params;
    const purgeAt = new Date(this.options.clock() + this.options.purgeAfterMs);
    const row = await this.database.withTenant(tenantId, (tx) =>
      commandTenant(tx, call, tenantId, 'delete', { purgeAt }),
    );
    return { tenantId, status: 'Deleting', purgeAt: (row.purge_at ?? purgeAt).toISOString() };
  }

  @Handles(routes.getTenantMetrics)
  async metrics(
    @Input() { params }: HandlerInput<typeof routes.getTenantMetrics>,
  ): HandlerOutput<typeof routes.getTenantMetrics> {
    const { tenantId } = params;
    const [row, people] = await this.database.readInTenant(tenantId, (tx) =>
      Promise.all([findTenant(tx, tenantId), countPeople(tx, tenantId)]),
    );
    if (!row) throw notFound('Tenant', tenantId);
    return tenantMetrics(row, people, new Date(this.options.clock()));
  }

  private async find(tenantId: string): Promise<TenantRow> {
    const row = await this.database.readInTenant(tenantId, (tx) => findTenant(tx, tenantId));
    if (!row) throw notFound('Tenant', tenantId);
    return row;
  }
}
