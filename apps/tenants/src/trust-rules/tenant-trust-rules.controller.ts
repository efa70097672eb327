import { Controller, Inject } from '@nestjs/common';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase, type Transaction } from '@switchyard/database';
import { Handles, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { mustExist } from '../tenants/tenant.store.js';
import { TenantsOptions } from '../tenants-options.js';
import { createTrustRule, removeTrustRule, trustRuleView } from './trust-rule-operations.js';
import { listTrustRuleRows, type TrustRuleOwner } from './trust-rule.store.js';

@Controller()
export class TenantTrustRulesController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(TenantsOptions) private readonly options: TenantsOptions,
  ) {}

  @Handles(routes.createTenantTrustRule)
  async create(
    @Input() { params, body, call }: HandlerInput<typeof routes.createTenantTrustRule>,
  ): HandlerOutput<typeof routes.createTenantTrustRule> {
    return await this.of(params.tenantId, async (tx, owner) =>
      trustRuleView(await createTrustRule(tx, call, owner, body)),
    );
  }

  @Handles(routes.listTenantTrustRules)
  async list(
    @Input() { params, query }: HandlerInput<typeof routes.listTenantTrustRules>,
  ): HandlerOutput<typeof routes.listTenantTrustRules> {
    return await this.of(params.tenantId, async (tx, owner) => {
      const { rows, ...page } = await listTrustRuleRows(tx, owner, query);
      return { rules: rows.map(trustRuleView), ...page };
    });
  }

  @Handles(routes.deleteTenantTrustRule)
  async delete(
    @Input() { params, call }: HandlerInput<typeof routes.deleteTenantTrustRule>,
  ): HandlerOutput<typeof routes.deleteTenantTrustRule> {
    await this.of(params.tenantId, (tx, owner) =>
      removeTrustRule(tx, call, owner, params.ruleId, this.options),
    );
  }

  private of<T>(tenantId: string, work: (tx: Transaction, owner: TrustRuleOwner) => Promise<T>): Promise<T> {
    return this.database.withTenant(tenantId, async (tx) => {
      await mustExist(tx, tenantId);
      return await work(tx, { kind: 'tenant', id: tenantId });
    });
  }
}
