import { Controller, Inject } from '@nestjs/common';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase, type Transaction } from '@switchyard/database';
import { Handles, Input, type EdgeCall, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { mustManage } from '../publishers/must-manage.js';
import { TenantsOptions } from '../tenants-options.js';
import { createTrustRule, removeTrustRule, trustRuleView } from './trust-rule-operations.js';
import { listTrustRuleRows, type TrustRuleOwner } from './trust-rule.store.js';

@Controller()
export class PublisherTrustRulesController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(TenantsOptions) private readonly options: TenantsOptions,
  ) {}

  @Handles(routes.createPublisherTrustRule)
  async create(
    @Input() { params, body, call }: HandlerInput<typeof routes.createPublisherTrustRule>,
  ): HandlerOutput<typeof routes.createPublisherTrustRule> {
    return await this.of(call, params.publisherId, async (tx, owner) =>
      trustRuleView(await createTrustRule(tx, call, owner, { ...body, role: 'PluginDeveloper' })),
    );
  }

  @Handles(routes.listPublisherTrustRules)
  async list(
    @Input() { params, query, call }: HandlerInput<typeof routes.listPublisherTrustRules>,
  ): HandlerOutput<typeof routes.listPublisherTrustRules> {
    return await this.of(call, params.publisherId, async (tx, owner) => {
      const { rows, ...page } = await listTrustRuleRows(tx, owner, query);
      return { rules: rows.map(trustRuleView), ...page };
    });
  }

  @Handles(routes.deletePublisherTrustRule)
  async delete(
    @Input() { params, call }: HandlerInput<typeof routes.deletePublisherTrustRule>,
  ): HandlerOutput<typeof routes.deletePublisherTrustRule> {
    await this.of(call, params.publisherId, (tx, owner) =>
      removeTrustRule(tx, call, owner, params.ruleId, this.options),
    );
  }

  private of<T>(
    call: EdgeCall,
    publisherId: string,
    work: (tx: Transaction, owner: TrustRuleOwner) => Promise<T>,
  ): Promise<T> {
    return this.database.withPlatform('trust rules of a publisher', async (tx) => {
      await mustManage(tx, call, publisherId);
      return await work(tx, { kind: 'publisher', id: publisherId });
    });
  }
}
